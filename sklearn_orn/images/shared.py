"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.images._about import about as about
from sklearn_orn.images._arrays import holds_whole_numbers as holds_whole_numbers
from sklearn_orn.images._files import existing_file as existing_file
from sklearn_orn.images._files import is_path as is_path
from sklearn_orn.images._files import split_choice as split_choice
from sklearn_orn.images._files import split_roi as split_roi
from sklearn_orn.images._mapped_lesion import AnyLesion as AnyLesion
from sklearn_orn.images._mapped_lesion import MappedLesion as MappedLesion
from sklearn_orn.images._mapped_lesion import as_given as as_given
from sklearn_orn.images._overlap import OVERLAP_COLUMNS as OVERLAP_COLUMNS
from sklearn_orn.images._overlap import same_image as same_image
from sklearn_orn.images._privacy import read_salt as read_salt
from sklearn_orn.images._private_path import ids_hidden as ids_hidden
from sklearn_orn.images._private_path import row_labels as row_labels
from sklearn_orn.images._protocol import PROTOCOL_COLUMNS as PROTOCOL_COLUMNS
from sklearn_orn.images._resampler import resample as resample
from sklearn_orn.images._returned import check_returned as check_returned
from sklearn_orn.images._returned import check_returned_of as check_returned_of
from sklearn_orn.images._table_columns import BlockColumns as BlockColumns
from sklearn_orn.images._table_columns import TableColumns as TableColumns
from sklearn_orn.images._table_columns import lesion_columns as lesion_columns
from sklearn_orn.images._table_columns import table_columns as table_columns
from sklearn_orn.images._table_files import is_path_column as is_path_column
from sklearn_orn.images._table_files import source_path as source_path
from sklearn_orn.images._table_files import table_files as table_files
from sklearn_orn.images.formats._dicom_series import folder_files as folder_files
