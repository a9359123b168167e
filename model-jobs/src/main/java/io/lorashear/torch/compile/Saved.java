package io.lorashear.torch.compile;

import io.lorashear.torch.script.Expression;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the text of an operator makes on the way to y, and the text of its gradients reads: one
 * record for both, so that a name is said once.
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
   * Of a linear with a LoRA pair beside it.
   *
   * @param x its input as a matrix, (B·T, in)
   * @param m what is left of it in the pair, and by how much: (B·T, in); where nothing is left out
   *     nobody writes it
   * @param d {@code x∘m}, or x where nothing is left out: (B·T, in)
   * @param h {@code A d}, (B·T, rank)
   */
  record OfPair(Expression x, Expression m, Expression d, Expression h) implements Saved {
    static OfPair of(Expression y, boolean dropout) {
      return new OfPair(y.part("x"), y.part("m"), y.part(dropout ? "d" : "x"), y.part("h"));
    }
  }

  /**
   * Of an operator that autograd follows.
   *
   * @param leaves where its gradients begin: one for each of its inputs that has any
   * @param result y, followed
   */
  record OfAutograd(List<Expression> leaves, Expression result) implements Saved {
    static OfAutograd of(Expression y, int inputs) {
      var leaves = IntStream.range(0, inputs).mapToObj(i -> y.part("a" + i)).toList();
      return new OfAutograd(leaves, y.part("k"));
    }
  }
}
