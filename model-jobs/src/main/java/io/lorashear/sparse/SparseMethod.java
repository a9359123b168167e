package io.lorashear.sparse;

/** The sparsification methods, by their names in settings. */
public enum SparseMethod {
  SPARSEGPT,
  WANDA,
  MAGNITUDE;

  /** The method with these settings. */
  MatrixMethod method(SparsifySettings settings) {
    var zeros = new Zeros(settings.sparsity(), Pattern.of(settings.pattern()));
    return switch (this) {
      case SPARSEGPT -> {
        var own = settings.sparsegpt();
        yield new SparseGpt(zeros, own.damping(), own.columns());
      }
      case WANDA -> new Wanda(zeros);
      case MAGNITUDE -> new Magnitude(zeros);
    };
  }
}
