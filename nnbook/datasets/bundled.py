"""Measured data that come along with scikit-learn: no network is needed.

scikit-learn is imported in each function, because that takes a second.
"""

from typing import Any

from nnbook.datasets.dataset import Dataset


def iris() -> Dataset:
    """Return Fisher's 150 irises: four lengths in centimetres, three species.

    Source: R. A. Fisher (1936), The use of multiple measurements in taxonomic problems; loaded
    through scikit-learn, which carries a copy.
    """
    from sklearn.datasets import load_iris  # type: ignore[import-untyped]

    return _classes(load_iris(), "Fisher's irises (1936)", unit=" (cm)")


def digits() -> Dataset:
    """Return 1,797 handwritten digits as images of 8 × 8 pixels, from 0 (paper) to 1 (ink).

    A pixel counts the inked ones among 4 × 4 finer pixels, 0 to 16; it is divided by 16 here.

    Source: E. Alpaydin & C. Kaynak (1998), Optical recognition of handwritten digits, UCI Machine
    Learning Repository (the test part); loaded through scikit-learn.
    """
    from sklearn.datasets import load_digits

    bundle = load_digits()
    return Dataset(
        bundle.data / 16,
        bundle.target,
        tuple(bundle.feature_names),
        tuple(map(str, bundle.target_names)),
        "handwritten digits (UCI, 1998)",
        image_shape=(8, 8),
    )


def breast_cancer() -> Dataset:
    """Return 569 tumours: 30 measures of their cell nuclei; malignant (0) or benign (1).

    The measures stand in the scales they were taken in, from thousandths to thousands.

    Source: W. N. Street, W. H. Wolberg & O. L. Mangasarian (1993), Nuclear feature extraction for
    breast tumor diagnosis; loaded through scikit-learn.
    """
    from sklearn.datasets import load_breast_cancer

    return _classes(load_breast_cancer(), "breast cancer, Wisconsin (1993)")


def wine() -> Dataset:
    """Return 178 Italian wines: 13 chemical measures in their own units; three cultivars.

    Source: M. Forina et al. (1988), PARVUS; through the UCI Machine Learning Repository and
    scikit-learn.
    """
    from sklearn.datasets import load_wine

    return _classes(load_wine(), "Forina's wines (1988)")


def diabetes() -> Dataset:
    """Return 442 patients: ten measures; the target, (442, 1), is their diabetes a year later.

    As scikit-learn gives them, each feature has mean 0 and sum of squares 1. The target is a score
    from 25 to 346.

    Source: B. Efron, T. Hastie, I. Johnstone & R. Tibshirani (2004), Least angle regression; loaded
    through scikit-learn.
    """
    from sklearn.datasets import load_diabetes

    bundle = load_diabetes()
    names = tuple(bundle.feature_names)
    return Dataset(bundle.data, bundle.target.reshape(-1, 1), names, (), "diabetes (Efron, 2004)")


def _classes(bundle: Any, source: str, unit: str = "") -> Dataset:
    """Wrap a classification set of scikit-learn, and leave the unit out of its features' names."""
    return Dataset(
        bundle.data,
        bundle.target,
        tuple(str(name).removesuffix(unit) for name in bundle.feature_names),
        tuple(map(str, bundle.target_names)),
        source,
    )
