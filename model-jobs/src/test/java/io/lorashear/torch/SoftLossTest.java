package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.ReferenceForward;
import io.lorashear.score.Scorer;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Kernels;
import io.lorashear.train.Batch;
import io.lorashear.train.Distillation;
import io.lorashear.train.TinyModel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The mixed loss against its equation in plain loops, and its gradient against slopes. */
class SoftLossTest {
  private static final int V = TinyModel.VOCABULARY;
  private static final int LENGTH = 9;

  private final ModelGraph graph = TinyModel.graph();
  private final InMemoryTensors student = TinyModel.weights(graph, 1);
  private final InMemoryTensors dense = TinyModel.weights(graph, 2);
  private final List<Sequence> rows = rows();

  /** Two rows of which some tokens are predicted; the second is not full. */
  private static List<Sequence> rows() {
    var random = new Random(4);
    var first = random.ints(LENGTH, 0, V).toArray();
    var second = random.ints(LENGTH, 0, V).toArray();
    return List.of(
        new Sequence("a", Sequence.TRAIN, "one", first, new byte[] {1, 1, 0, 1, 1, 1, 0, 1, 1}),
        new Sequence(
            "a",
            Sequence.TRAIN,
            "two",
            second,
            new byte[] {0, 0, 0, 1, 1, 0, 1, 0, 0},
            7,
            List.of(new Sequence.Document("d", 0), new Sequence.Document("e", 4))));
  }

  private static double[] logSoftmax(double[] z) {
    double most = Arrays.stream(z).max().orElseThrow();
    double sum = Arrays.stream(z).map(x -> Math.exp(x - most)).sum();
    return Arrays.stream(z).map(x -> x - most - Math.log(sum)).toArray();
  }

  /** (k + 1,) log-probabilities of the named tokens and of all others together. */
  private static double[] buckets(double[] logits, List<Integer> named) {
    var p = logSoftmax(logits);
    var buckets = new double[named.size() + 1];
    double rest = 0;
    for (int v = 0; v < p.length; v++) {
      rest += named.contains(v) ? 0 : Math.exp(p[v]);
    }
    for (int k = 0; k < named.size(); k++) {
      buckets[k] = p[named.get(k)];
    }
    buckets[named.size()] = rest > 0 ? Math.log(rest) : Double.NEGATIVE_INFINITY;
    return buckets;
  }

  private static List<Integer> likeliest(double[] logits, int top) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(Comparator.comparingDouble(v -> -logits[v]))
        .limit(top)
        .toList();
  }

  /** The equation above {@code SoftLoss}, token by token. */
  private double expected(InMemoryTensors weights, int top, double a, double t) {
    double loss = 0;
    int predicted = 0;
    for (var row : rows) {
      var z = ReferenceForward.logits(graph, weights, row.inputIds());
      var taught = ReferenceForward.logits(graph, dense, row.inputIds());
      for (int at = 1; at < LENGTH; at++) {
        if (row.lossMask()[at] == 1) {
          predicted++;
          var named = likeliest(taught[at - 1], top);
          var s = tempered(buckets(taught[at - 1], named), t);
          var r = tempered(buckets(z[at - 1], named), t);
          double divergence = 0;
          for (int k = 0; k < s.length; k++) {
            divergence += s[k] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(s[k]) * (s[k] - r[k]);
          }
          loss -= (1 - a) * logSoftmax(z[at - 1])[row.inputIds()[at]];
          loss += a * t * t * divergence;
        }
      }
    }
    return loss / predicted;
  }

  private static double[] tempered(double[] buckets, double t) {
    return logSoftmax(Arrays.stream(buckets).map(b -> b / t).toArray());
  }

  private Map<String, SoftTargets> teacher(InMemoryTensors weights, int top, boolean apart) {
    var targets = new HashMap<String, SoftTargets>();
    try (var model = TorchModel.load(graph, weights, Device.cpu())) {
      var starts = apart ? rows.stream().map(Sequence::starts).toList() : null;
      var ids = rows.stream().map(Sequence::inputIds).toList();
      var found = Scorer.over(model, 64).predictions(ids, starts, top);
      for (int row = 0; row < rows.size(); row++) {
        int positions = rows.get(row).tokens() - 1;
        targets.put(rows.get(row).id(), found.get(row).targets().of(0, positions));
      }
    }
    return targets;
  }

  private Batch batch(Map<String, SoftTargets> teacher, double a, double t) {
    return Batch.of(rows, new Distillation(row -> teacher.get(row.id()), a, t), 0);
  }

  private record Pass(double loss, Map<String, float[]> gradients) {}

  private Pass pass(Batch batch, boolean recompute) {
    try (var model = TorchModel.load(graph, student, Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(graph.parameters().keySet());
      double loss = batch.backward(model, 1, recompute);
      return new Pass(loss, gradients(model, scope));
    }
  }

  private Map<String, float[]> gradients(TorchModel model, NDManager scope) {
    var gradients = new HashMap<String, float[]>();
    for (var name : graph.parameters().keySet()) {
      gradients.put(name, model.gradient(scope, name).toFloatArray().clone());
    }
    return gradients;
  }

  @ParameterizedTest
  @CsvSource({"4,0.3,1", "4,0.3,2", "1,1,0.5", "7,0.9,3", "24,0.5,1", "24,1,2"})
  void lossAndGradientAreThoseOfTheEquation(int top, double a, double t) {
    var pass = pass(batch(teacher(dense, top, false), a, t), false);
    assertThat(pass.loss()).isCloseTo(expected(student, top, a, t), within(2e-5));
    var random = new Random(6);
    for (var name : graph.parameters().keySet()) {
      for (int n = 0; n < 2; n++) {
        int at = random.nextInt(student.floats(name).length);
        double slope = slope(name, at, top, a, t);
        assertThat((double) pass.gradients().get(name)[at])
            .as("%s[%d]", name, at)
            .isCloseTo(slope, within(2e-5 + 1e-3 * Math.abs(slope)));
      }
    }
  }

  private double slope(String name, int at, int top, double a, double t) {
    var above = moved(name, at, 1e-2f);
    var below = moved(name, at, -1e-2f);
    double step = (double) above.floats(name)[at] - below.floats(name)[at];
    return (expected(above, top, a, t) - expected(below, top, a, t)) / step;
  }

  private InMemoryTensors moved(String changed, int at, float change) {
    var tensors = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = student.floats(parameter.name()).clone();
      if (parameter.name().equals(changed)) {
        values[at] += change;
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }

  @ParameterizedTest
  @CsvSource({"24,1", "24,2", "5,1", "5,2", "1,0.5"})
  void aTeacherThatIsTheStudentTeachesNothing(int top, double t) {
    var pass = pass(batch(teacher(student, top, false), 1, t), false);
    assertThat(pass.loss()).isCloseTo(0, within(1e-6));
    pass.gradients()
        .values()
        .forEach(g -> assertThat(g).containsExactly(new float[g.length], within(1e-5f)));
  }

  @Test
  void withoutWeightItIsThePlainLossToTheBit() {
    var plain = pass(Batch.of(rows), false);
    var soft = pass(batch(teacher(dense, 4, false), 0, 2), false);
    assertThat(soft.loss()).isEqualTo(plain.loss());
    plain.gradients().forEach((name, g) -> assertThat(soft.gradients().get(name)).isEqualTo(g));
  }

  @Test
  void recomputingGivesTheSameBits() {
    for (boolean apart : new boolean[] {false, true}) {
      var batch = batch(teacher(dense, 4, apart), 0.4, 2);
      batch = apart ? batch.documentsApart() : batch;
      var whole = pass(batch, false);
      var blocks = pass(batch, true);
      assertThat(blocks.loss()).isEqualTo(whole.loss());
      whole.gradients().forEach((name, g) -> assertThat(blocks.gradients().get(name)).isEqualTo(g));
    }
  }

  /** What a packed row learns with documents apart is what its documents learn alone. */
  @Test
  void documentsApartLearnWhatEachLearnsAlone() {
    var targets = teacher(dense, 4, true).get("two");
    var row = rows.get(1);
    var packed =
        Batch.of(List.of(row), new Distillation(any -> targets, 0.6, 2), 0).documentsApart();
    var together = pass(packed, false);
    var document =
        new Sequence(
            "a",
            Sequence.TRAIN,
            "alone",
            Arrays.copyOfRange(row.inputIds(), 4, LENGTH),
            Arrays.copyOfRange(row.lossMask(), 4, LENGTH));
    var other =
        new Sequence(
            "a",
            Sequence.TRAIN,
            "other",
            Arrays.copyOfRange(row.inputIds(), 0, 4),
            Arrays.copyOfRange(row.lossMask(), 0, 4));
    var first = Batch.of(List.of(other), new Distillation(any -> targets.of(0, 3), 0.6, 2), 0);
    var second = Batch.of(List.of(document), new Distillation(any -> targets.of(4, 2), 0.6, 2), 0);
    try (var model = TorchModel.load(graph, student, Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(graph.parameters().keySet());
      double loss = first.backward(model, 0.5) / 2 + second.backward(model, 0.5) / 2;
      assertThat(together.loss()).isCloseTo(loss, within(1e-5));
      gradients(model, scope)
          .forEach(
              (name, g) ->
                  assertThat(together.gradients().get(name))
                      .as(name)
                      .containsExactly(g, within(1e-5f)));
    }
  }

  /** Logits so far apart that most probabilities are 0 in float32. */
  @Test
  void certaintyHasFiniteGradients() {
    try (var model = TorchModel.load(graph, certain(), Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(graph.parameters().keySet());
      double infinity = Double.NEGATIVE_INFINITY;
      for (double tail : new double[] {infinity, -120, -1e-3}) {
        var logs = new float[(LENGTH) * 3];
        for (int t = 0; t < LENGTH; t++) {
          logs[3 * t] = -0.1f;
          logs[3 * t + 1] = -150;
          logs[3 * t + 2] = (float) tail;
        }
        var ids = new int[2 * LENGTH];
        Arrays.setAll(ids, i -> i % 2);
        var soft =
            new SoftLabels(
                scope.create(ids, new Shape(LENGTH, 2)),
                scope.create(logs, new Shape(LENGTH, 3)),
                0.5,
                2);
        var row = model.ids(scope, rows.get(0).inputIds());
        var mask = scope.ones(row.getShape());
        double loss =
            HostArrays.number(
                model.backward(scope, row, mask, 1, soft, null, false, OptionalLong.empty()));
        assertThat(Double.isFinite(loss)).isTrue();
        assertThat(
                HostArrays.number(
                    Kernels.gradientNorm(scope, List.copyOf(model.trainable().values()))))
            .isFinite();
      }
    }
  }

  private InMemoryTensors certain() {
    var tensors = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = student.floats(parameter.name()).clone();
      for (int i = 0; i < values.length; i++) {
        values[i] *= 40;
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }
}
