package io.lorashear.graph;

import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Extent.Concat;
import io.lorashear.graph.Extent.Index;
import io.lorashear.graph.Extent.Product;
import io.lorashear.graph.Term.ConcatTerm;
import io.lorashear.graph.Term.IndexTerm;
import io.lorashear.graph.Term.ProductTerm;
import io.lorashear.graph.Term.Variable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds which dimensions are the same, as a type checker unifies types.
 *
 * <pre>
 *   a  ~ b                     one axis
 *   a  ~ Product(p, …)         a is that product
 *   Product(x, …) ~ Product(y, …)    slowest factors first; a larger one is split: x = y × rest
 *   Concat(x, …)  ~ Concat(y, …)     first parts first;     a larger one is split: x = y | rest
 *   Product ~ Concat           no common structure: every axis on both sides is locked
 * </pre>
 *
 * All sizes are known, so a split is a division or a subtraction.
 */
final class Unifier {
  private final List<Variable> variables = new ArrayList<>();
  private final Map<Variable, Axis> resolved = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  Variable fresh(int size, String scope, String label, AxisRole role) {
    var variable = new Variable(variables.size(), size, scope, label, role);
    variables.add(variable);
    return variable;
  }

  /** What {@code term} is currently bound to. */
  Term find(Term term) {
    var found = term;
    while (found instanceof Variable variable && variable.binding != null) {
      found = variable.binding;
    }
    return found;
  }

  void unify(Term left, Term right, String where) {
    var a = find(left);
    var b = find(right);
    if (a == b || sameIndex(a, b)) {
      return;
    }
    if (a.size() != b.size()) {
      throw new IllegalArgumentException(
          where + " joins a dimension of " + a.size() + " with one of " + b.size());
    }
    if (a instanceof Variable variable) {
      bind(variable, b, where);
    } else if (b instanceof Variable variable) {
      bind(variable, a, where);
    } else if (a instanceof ProductTerm p && b instanceof ProductTerm q) {
      align(flat(p), flat(q), true, where);
    } else if (a instanceof ConcatTerm p && b instanceof ConcatTerm q) {
      align(flat(p), flat(q), false, where);
    } else {
      lockBoth(a, b, where);
    }
  }

  private boolean sameIndex(Term a, Term b) {
    return a instanceof IndexTerm i
        && b instanceof IndexTerm j
        && i.index() == j.index()
        && find(i.axis()) == find(j.axis());
  }

  /** Forbids removing an index of any axis in {@code term}. The first reason given is kept. */
  void lock(Term term, String reason) {
    var found = find(term);
    if (found instanceof Variable variable) {
      variable.lock = variable.lock.isEmpty() ? reason : variable.lock;
    } else if (found instanceof ProductTerm product) {
      product.factors().forEach(factor -> lock(factor, reason));
    } else if (found instanceof ConcatTerm concat) {
      concat.parts().forEach(part -> lock(part, reason));
    } else if (found instanceof IndexTerm one) {
      lock(one.axis(), reason);
    }
  }

  void role(Term term, AxisRole role, String scope) {
    if (find(term) instanceof Variable variable && role.compareTo(variable.role) > 0) {
      variable.role = role;
      variable.scope = scope;
    }
  }

  private void bind(Variable variable, Term term, String where) {
    if (term instanceof Variable other) {
      merge(variable, other);
    } else if (occurs(variable, term)) {
      lockBoth(variable, term, where);
    } else {
      variable.binding = term;
      if (!variable.lock.isEmpty()) {
        lock(term, variable.lock);
      }
    }
  }

  private void merge(Variable a, Variable b) {
    int order = a.role.compareTo(b.role);
    boolean keepA = order > 0 || (order == 0 && a.number < b.number);
    var kept = keepA ? a : b;
    var gone = keepA ? b : a;
    kept.lock = kept.lock.isEmpty() ? gone.lock : kept.lock;
    gone.binding = kept;
  }

  private boolean occurs(Variable variable, Term term) {
    var found = find(term);
    if (found instanceof ProductTerm product) {
      return product.factors().stream().anyMatch(factor -> occurs(variable, factor));
    }
    if (found instanceof ConcatTerm concat) {
      return concat.parts().stream().anyMatch(part -> occurs(variable, part));
    }
    if (found instanceof IndexTerm one) {
      return occurs(variable, one.axis());
    }
    return found == variable;
  }

  private void align(Deque<Term> left, Deque<Term> right, boolean product, String where) {
    while (!left.isEmpty() && !right.isEmpty()) {
      var a = left.pop();
      var b = right.pop();
      if (a.size() == b.size()) {
        unify(a, b, where);
      } else if (a.size() > b.size()) {
        if (!split(a, b, left, product, where)) {
          lockRest(a, b, left, right, where);
          return;
        }
      } else if (!split(b, a, right, product, where)) {
        lockRest(a, b, left, right, where);
        return;
      }
    }
    lockRest(null, null, left, right, where);
  }

  /** {@code larger = smaller ∘ rest}; the rest goes back to the front of its own side. */
  private boolean split(
      Term larger, Term smaller, Deque<Term> side, boolean product, String where) {
    if (!(find(larger) instanceof Variable variable) || occurs(variable, smaller)) {
      return false;
    }
    if (product && variable.size % smaller.size() != 0) {
      return false;
    }
    int size = product ? variable.size / smaller.size() : variable.size - smaller.size();
    var rest = fresh(size, variable.scope, variable.label, variable.role);
    var parts = List.of(smaller, rest);
    bind(variable, product ? new ProductTerm(parts) : new ConcatTerm(parts), where);
    side.push(rest);
    return true;
  }

  private void lockRest(
      @Nullable Term a, @Nullable Term b, Deque<Term> left, Deque<Term> right, String where) {
    var rest = new ArrayList<Term>(left);
    rest.addAll(right);
    if (a != null && b != null) {
      rest.add(a);
      rest.add(b);
    }
    rest.forEach(term -> lock(term, mismatch(where)));
  }

  private void lockBoth(Term a, Term b, String where) {
    lock(a, mismatch(where));
    lock(b, mismatch(where));
  }

  private static String mismatch(String where) {
    return where + " joins dimensions of different structure";
  }

  private Deque<Term> flat(Term term) {
    var found = new ArrayDeque<Term>();
    flatten(term, term instanceof ProductTerm, found);
    return found;
  }

  private void flatten(Term term, boolean product, Deque<Term> into) {
    var found = find(term);
    if (product && found instanceof ProductTerm p) {
      p.factors().forEach(factor -> flatten(factor, true, into));
    } else if (!product && found instanceof ConcatTerm c) {
      c.parts().forEach(part -> flatten(part, false, into));
    } else {
      into.add(found);
    }
  }

  /** The extent of {@code term} after tracing. */
  Extent resolve(Term term) {
    var found = find(term);
    if (found instanceof ProductTerm) {
      return new Product(flat(found).stream().map(this::resolve).toList());
    }
    if (found instanceof ConcatTerm) {
      return new Concat(flat(found).stream().map(this::resolve).toList());
    }
    if (found instanceof IndexTerm one && resolve(one.axis()) instanceof Axis axis) {
      return new Index(axis, one.index());
    }
    return resolved.computeIfAbsent((Variable) found, this::axis);
  }

  private Axis axis(Variable variable) {
    var word = variable.label.isEmpty() ? variable.role.word() : variable.label;
    var stem = variable.scope.isEmpty() ? word : variable.scope + "." + word;
    var name = stem;
    for (int copy = 2; !names.add(name); copy++) {
      name = stem + "#" + copy;
    }
    return new Axis(name, variable.size, variable.role, variable.lock);
  }
}
