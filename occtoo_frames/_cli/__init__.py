"""The commands, one file each group, and what they have in common. Started from ``occtoo_frames_command``."""
