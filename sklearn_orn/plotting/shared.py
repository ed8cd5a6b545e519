"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.plotting._icc import families_of as families_of
from sklearn_orn.plotting._inspection import inspection_page as inspection_page
from sklearn_orn.plotting._style import BLACK as BLACK
from sklearn_orn.plotting._style import BLUE as BLUE
from sklearn_orn.plotting._style import COLOURS as COLOURS
from sklearn_orn.plotting._style import GREY as GREY
from sklearn_orn.plotting._style import VERMILION as VERMILION
from sklearn_orn.plotting._style import add_legend as add_legend
from sklearn_orn.plotting._style import fill_band as fill_band
from sklearn_orn.plotting._style import label_axes as label_axes
