"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.collect._collected import is_collected as is_collected
from sklearn_orn.collect._collected import is_left_out_list as is_left_out_list
from sklearn_orn.collect._collected import left_out_path as left_out_path
