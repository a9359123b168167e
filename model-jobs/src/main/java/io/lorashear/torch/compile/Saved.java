package io.lorashear.torch.compile;

import io.lorashear.torch.script.Expression;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Intermediate values that the text of an operator computes and the text of its gradients reads.
 * Both use the same record, so that each name is defined once.
 */
sealed interface Saved {

  /**
   * Of an RMS norm.
   *
   * @param r {@code 1/√(Σx²/N + ε)}, (…, 1)
   */
  record OfNorm(Expression r) implements Saved {
    static OfNorm of(Expression y) {
      return new OfNorm(y.part("r"));
    }
  }

  /**
   * Of a linear with a LoRA pair.
   *
   * @param x its input as a matrix, (B·T, in)
   * @param m the dropout factors of x in the pair, (B·T, in); not written without dropout
   * @param d {@code x∘m}, or x without dropout: (B·T, in)
   * @param h {@code A d}, (B·T, rank)
   */
  record OfPair(Expression x, Expression m, Expression d, Expression h) implements Saved {
    static OfPair of(Expression y, boolean dropout) {
      return new OfPair(y.part("x"), y.part("m"), y.part(dropout ? "d" : "x"), y.part("h"));
    }
  }

  /**
   * Of an operator that autograd records.
   *
   * @param leaves names of its inputs as autograd leaves; used for those that have a gradient
   * @param result y, as autograd recorded it
   */
  record OfAutograd(List<Expression> leaves, Expression result) implements Saved {
    static OfAutograd of(Expression y, int inputs) {
      var leaves = IntStream.range(0, inputs).mapToObj(i -> y.part("a" + i)).toList();
      return new OfAutograd(leaves, y.part("k"));
    }
  }
}
