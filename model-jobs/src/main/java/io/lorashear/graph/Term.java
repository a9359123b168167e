package io.lorashear.graph;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An extent while the graph is still being traced: a variable may later be bound to a structure.
 */
sealed interface Term {

  int size();

  /** An axis whose partners, lock and structure are found by unification. */
  final class Variable implements Term {
    final int number;
    final int size;
    String scope;
    String label;
    AxisRole role;
    String lock = "";
    @Nullable Term binding;

    Variable(int number, int size, String scope, String label, AxisRole role) {
      this.number = number;
      this.size = size;
      this.scope = scope;
      this.label = label;
      this.role = role;
    }

    @Override
    public int size() {
      return size;
    }
  }

  /** See {@link Extent.Product}. */
  record ProductTerm(List<Term> factors) implements Term {
    @Override
    public int size() {
      return factors.stream().mapToInt(Term::size).reduce(1, Math::multiplyExact);
    }
  }

  /** See {@link Extent.Index}. */
  record IndexTerm(Term axis, int index) implements Term {
    @Override
    public int size() {
      return 1;
    }
  }

  /** See {@link Extent.Concat}. */
  record ConcatTerm(List<Term> parts) implements Term {
    @Override
    public int size() {
      return parts.stream().mapToInt(Term::size).reduce(0, Math::addExact);
    }
  }
}
