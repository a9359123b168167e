package io.lorashear.torch.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.engine.TorchModule;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention by blocks of queries against the engine's own kernel and against plain loops. */
class AttendTest {
  private static final String CASES =
      """
        def causal(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor) -> List[Tensor]:
          s = annotate(List[Tensor], [])
          a = self.attend(q, k, v, 0.3, s)
          return [self.fused(q, k, v, 0.3, s), self.blocked(q, k, v, 0.3, s), a]
        def seen(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor,
          s: Tensor) -> List[Tensor]:
          m = torch.to(s, 11)
          a = self.attend(q, k, v, 0.3, [m])
          return [self.fused(q, k, v, 0.3, [m]), self.blocked(q, k, v, 0.3, [m]), a]
      """;

  private final TorchModule module = TorchModule.of(Attend.TEXT + CASES);

  /** Below a block, one block, one more, and several, with groups of one query head or more. */
  @ParameterizedTest
  @CsvSource({"1, 1, 2, 2", "2, 63, 4, 2", "1, 64, 3, 1", "2, 65, 6, 3", "3, 200, 9, 3"})
  void seesWhatStandsBefore(int rows, int tokens, int heads, int groups) {
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var q = random(scope, rows, tokens, heads);
      var k = random(scope, rows, tokens, groups);
      var v = random(scope, rows, tokens, groups);
      var found = module.call(scope, "causal").with(q).with(k).with(v).run();
      assertThat(difference(found.get(0), found.get(1))).isLessThan(1e-5f);
      assertThat(found.get(2).contentEquals(found.get(1))).as("without gradients").isTrue();
      assertThat(at(found.get(1), rows - 1, tokens - 1, heads - 1))
          .isCloseTo(expected(q, k, v), within(1e-5f));
      var recorded = module.call(scope, "causal").with(q).with(k).with(v).record();
      assertThat(recorded.get(2).contentEquals(recorded.get(0))).as("with gradients").isTrue();
    }
  }

  /** Windows, several documents a row, and keys of earlier calls. */
  @ParameterizedTest
  @CsvSource({"150, 150, 1", "150, 150, 2", "70, 130, 1", "1, 90, 1"})
  void seesWhatItIsTold(int tokens, int keys, int masks) {
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var q = random(scope, 2, tokens, 4);
      var k = random(scope, 2, keys, 2);
      var v = random(scope, 2, keys, 2);
      var seen = new float[masks * tokens * keys];
      for (int i = 0; i < seen.length; i++) {
        int back = i / keys % tokens + keys - tokens - i % keys;
        seen[i] = back >= 0 && back < 40 + 7 * (i / keys / tokens) ? 1 : 0;
      }
      var shape = masks == 1 ? new Shape(tokens, keys) : new Shape(masks, 1, tokens, keys);
      var s = scope.create(seen, shape);
      var found = module.call(scope, "seen").with(q).with(k).with(v).with(s).run();
      assertThat(difference(found.get(0), found.get(1))).isLessThan(1e-5f);
      assertThat(found.get(2).contentEquals(found.get(1))).isTrue();
    }
  }

  private static NDArray random(NDManager scope, int rows, int tokens, int heads) {
    return scope.randomNormal(0, 1, new Shape(rows, tokens, heads, 8), DataType.FLOAT32);
  }

  private static float difference(NDArray a, NDArray b) {
    return a.sub(b).abs().max().getFloat();
  }

  /** First number of a head. */
  private static float at(NDArray y, int row, int token, int head) {
    return y.getFloat(row, token, head, 0);
  }

  /** The same of the last head at the last position, in plain loops. */
  private static float expected(NDArray q, NDArray k, NDArray v) {
    long row = q.getShape().get(0) - 1;
    long last = q.getShape().get(1) - 1;
    long head = q.getShape().get(2) - 1;
    long group = k.getShape().get(2) - 1;
    double sum = 0;
    double all = 0;
    for (long j = 0; j <= last; j++) {
      double score = 0;
      for (long n : List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L)) {
        score += q.getFloat(row, last, head, n) * k.getFloat(row, j, group, n);
      }
      double weight = Math.exp(0.3 * score);
      sum += weight * v.getFloat(row, j, group, 0);
      all += weight;
    }
    return (float) (sum / all);
  }
}
