package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.compensate.Compensation;
import io.lorashear.dependency.Groups;
import io.lorashear.graph.ReferenceForward;
import io.lorashear.optim.LhspgSettings.Mode;
import io.lorashear.optim.PlainLhspg.Factor;
import io.lorashear.optim.PlainLhspg.Group;
import io.lorashear.optim.PlainLhspg.Part;
import io.lorashear.saliency.FisherInformation;
import io.lorashear.saliency.FisherScore;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.saliency.Saliency;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.saliency.SaliencySettings.By;
import io.lorashear.saliency.SaliencySettings.Measure;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.Kernels;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LHSPG's steps held against the same in plain numbers, from the same gradients. */
class PlainLhspgTest extends LhspgRun {
  private static final double RATE = 5e-3;
  private static final double SCALE = 2;
  private static final AdamSettings ADAM = new AdamSettings(0.9, 0.999, 1e-8, 0.1);

  private final List<Batch> rows =
      TinyModel.sequences(3, 16, 13).stream().map(row -> Batch.of(List.of(row))).toList();

  /** Two layers of two key-value heads, each with two query heads, and of twelve channels. */
  private static List<Group> groups() {
    var groups = new ArrayList<Group>();
    for (int layer = 0; layer < 2; layer++) {
      var name = "model.layers." + layer + ".";
      for (int h = 0; h < 2; h++) {
        var parts =
            List.of(
                new Part(name + "self_attn.q_proj.weight", false, 8 * h, 8 * h + 8),
                new Part(name + "self_attn.k_proj.weight", false, 4 * h, 4 * h + 4),
                new Part(name + "self_attn.v_proj.weight", false, 4 * h, 4 * h + 4),
                new Part(name + "self_attn.o_proj.weight", true, 8 * h, 8 * h + 8));
        groups.add(new Group("layers." + layer + ".attention.kvHeads", h, true, 24 * 16, parts));
      }
      for (int c = 0; c < 12; c++) {
        var parts =
            List.of(
                new Part(name + "mlp.gate_proj.weight", false, c, c + 1),
                new Part(name + "mlp.up_proj.weight", false, c, c + 1),
                new Part(name + "mlp.down_proj.weight", true, c, c + 1));
        groups.add(new Group("layers." + layer + ".mlp.channels", c, false, 3 * 16, parts));
      }
    }
    return groups;
  }

  /** Pairs as an adapter would leave them. */
  private void fillPairs() {
    var random = new Random(4);
    for (var pair : model.bindings()) {
      var b = model.model().parameter(pair.b());
      var values = new float[(int) b.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * random.nextGaussian());
      }
      b.set(values);
    }
  }

  private void fade(Group group) {
    for (var part : group.parts()) {
      for (int i = part.from(); i < part.to(); i++) {
        var row = model.model().parameter(part.matrix()).get(part.columns() ? ":, " + i : "" + i);
        row.muli(0.1);
      }
    }
  }

  private static double[][] matrix(float[] values, Shape shape) {
    var matrix = new double[(int) shape.get(0)][(int) shape.get(1)];
    for (int i = 0; i < values.length; i++) {
      matrix[i / matrix[0].length][i % matrix[0].length] = values[i];
    }
    return matrix;
  }

  private double[][] now(String name) {
    var array = model.model().parameter(name);
    return matrix(array.toFloatArray(), array.getShape());
  }

  private Map<String, double[][]> gradients(Collection<String> names) {
    var gradients = new LinkedHashMap<String, double[][]>();
    try (var scope = model.model().manager().newSubManager()) {
      for (var name : names) {
        var gradient = model.model().gradient(scope, name);
        gradients.put(name, matrix(gradient.toFloatArray(), gradient.getShape()));
      }
    }
    return gradients;
  }

  /** ∂loss/∂W on each row, by a model without pairs whose weights are these. */
  private List<Map<String, double[][]>> rowGradients(Map<String, double[][]> weights) {
    var tensors = new InMemoryTensors();
    var base = model.baseTensors();
    base.tensors().forEach((name, info) -> tensors.put(name, base.floats(name), info.shape()));
    weights.forEach(
        (name, w) -> {
          var values = new float[w.length * w[0].length];
          IntStream.range(0, values.length)
              .forEach(i -> values[i] = (float) w[i / w[0].length][i % w[0].length]);
          tensors.put(name, values, w.length, w[0].length);
        });
    var each = new ArrayList<Map<String, double[][]>>();
    try (var plain = TorchModel.load(model.base(), tensors, Device.cpu());
        var scope = plain.manager().newSubManager()) {
      plain.trainable(weights.keySet());
      for (var row : rows) {
        Kernels.zeroGradients(List.copyOf(plain.trainable().values()));
        row.backward(plain, 1);
        var gradients = new LinkedHashMap<String, double[][]>();
        for (var name : weights.keySet()) {
          var gradient = plain.gradient(scope, name);
          gradients.put(name, matrix(gradient.toFloatArray(), gradient.getShape()));
        }
        each.add(gradients);
      }
    }
    return each;
  }

  private Lhspg engine(LhspgSettings settings, SaliencySettings saliency, PruningBudget budget) {
    var running = model.model();
    return new Lhspg(
        running,
        model.adam(ADAM),
        model.fold(),
        settings,
        new RemovalOrder.BySaliency(
            budget,
            new Saliency(
                axes,
                saliency,
                () ->
                    new MeasuredScores(
                        List.of(),
                        new FisherInformation(
                            FisherScore.of(
                                running,
                                axes,
                                rows.size(),
                                row -> rows.get(row).backward(running, 1)),
                            null)))),
        new Compensation(running, List.of(), List.of(), 0.01));
  }

  @ParameterizedTest
  @CsvSource({"PAPER, ONCE", "PAPER, PERIOD", "OTO, ONCE", "OTO, PERIOD"})
  void everyWeightIsWhatPlainNumbersGive(Mode mode, Measure measure) {
    fillPairs();
    fade(groups().get(1)); // a head that is sure to go
    // At ε = 0.45 some groups leave before their deadline, with half of them left, and some do not.
    var settings = new LhspgSettings(mode, 3, 2, 4, 2, 0.45);
    var saliency =
        new SaliencySettings(
            0.2, 0.2, 0.2, 0.2, 0.2, 0, 0.5, By.ROW, false, 0.5, false, measure, 0, true);
    var budget = PruningBudget.of(0.25, model.base().parameterCount(), 0.8, axes);
    var plain =
        new PlainLhspg(
            SCALE,
            groups(),
            settings,
            saliency,
            ADAM,
            788, // a quarter of 3,152
            axis -> axis.endsWith("channels") ? 9 : 1,
            this::rowGradients);
    for (var pair : model.bindings()) {
      plain.x.put(pair.weight(), now(pair.weight()));
      plain.a.put(pair.weight(), new Factor(now(pair.a())));
      plain.b.put(pair.weight(), new Factor(now(pair.b())));
    }
    plain.begin();
    var lhspg = engine(settings, saliency, budget);
    var batches = TinyModel.sequences(4 * settings.steps(), 16, 3);
    for (int step = 0; step < settings.steps(); step++) {
      Kernels.zeroGradients(List.copyOf(lhspg.weights().values()));
      Batch.of(batches.subList(4 * step, 4 * step + 4)).backward(model.model(), 1);
      var ofA = new LinkedHashMap<String, double[][]>();
      var ofB = new LinkedHashMap<String, double[][]>();
      var gradients = gradients(lhspg.weights().keySet());
      for (var pair : model.bindings()) {
        ofA.put(pair.weight(), gradients.get(pair.a()));
        ofB.put(pair.weight(), gradients.get(pair.b()));
      }
      var before = see(plain);
      lhspg.prepareGradients();
      lhspg.step(RATE);
      plain.step(ofA, ofB, RATE);
      expectSame(plain, before, "step " + (step + 1));
      expectSameMoments(plain, lhspg.arrays());
      assertThat(lhspg.values().get("active")).isEqualTo(together(plain.active).toJson());
      assertThat(lhspg.values().get("removed")).isEqualTo(together(plain.gone).toJson());
    }
    assertThat(plain.gone).hasSizeGreaterThan(4).anyMatch(Group::isHead);
    assertThat(plain.gone).anyMatch(group -> !group.isHead());
    var before = see(plain);
    assertThat(lhspg.finish().removed().toJson()).isEqualTo(together(plain.gone).toJson());
    plain.fold();
    expectSame(plain, before, "the end");
  }

  private static Groups together(Collection<Group> groups) {
    var all = Groups.none();
    for (var group : groups) {
      all = all.plus(Groups.of(group.axis(), group.index()));
    }
    return all;
  }

  /** Begins the step where the engine does, so that float32 rounds once; moments go their way. */
  private Map<String, double[][]> see(PlainLhspg plain) {
    var before = new LinkedHashMap<String, double[][]>();
    for (var pair : model.bindings()) {
      plain.x.put(pair.weight(), now(pair.weight()));
      plain.a.get(pair.weight()).w = now(pair.a());
      plain.b.get(pair.weight()).w = now(pair.b());
      for (var name : List.of(pair.weight(), pair.a(), pair.b())) {
        before.put(name, now(name));
      }
    }
    return before;
  }

  /** Within 1e-5 of the step's size, and what float32 rounds a weight by. */
  private void expectSame(PlainLhspg plain, Map<String, double[][]> before, String when) {
    for (var pair : model.bindings()) {
      var expected =
          Map.of(
              pair.weight(), plain.x.get(pair.weight()),
              pair.a(), plain.a.get(pair.weight()).w,
              pair.b(), plain.b.get(pair.weight()).w);
      expected.forEach(
          (name, w) -> {
            double step = largest(w, before.get(name));
            double rounding =
                step == 0 ? 0 : Math.ulp((float) largest(w, new double[w.length][w[0].length]));
            assertThat(largest(w, now(name)))
                .as(name + " at " + when)
                .isLessThanOrEqualTo(1e-5 * step + rounding);
          });
    }
  }

  private void expectSameMoments(PlainLhspg plain, Map<String, NDArray> arrays) {
    for (var pair : model.bindings()) {
      var expected =
          Map.of(
              pair.a(), plain.a.get(pair.weight()),
              pair.b(), plain.b.get(pair.weight()));
      expected.forEach(
          (name, factor) -> {
            near(arrays.get("adam.first." + name), factor.m);
            near(arrays.get("adam.second." + name), factor.v);
            var counts = arrays.get("adam.counts." + name).toFloatArray();
            for (int i = 0; i < counts.length; i++) {
              assertThat(counts[i]).as(name).isEqualTo(factor.n[i]);
            }
          });
    }
  }

  private static void near(NDArray actual, double[][] expected) {
    var values = matrix(actual.toFloatArray(), actual.getShape());
    var zero = new double[expected.length][expected[0].length];
    assertThat(largest(values, expected)).isLessThanOrEqualTo(1e-5 * largest(expected, zero));
  }

  /** max |some − others|. */
  private static double largest(double[][] some, double[][] others) {
    double most = 0;
    for (int i = 0; i < some.length; i++) {
      for (int j = 0; j < some[i].length; j++) {
        most = Math.max(most, Math.abs(some[i][j] - others[i][j]));
      }
    }
    return most;
  }

  /** The gradients that all of this begins with, by differences of a loss in plain numbers. */
  @Test
  void gradientsAreTheSlopesOfTheLoss() {
    fillPairs();
    var row = rows.get(0);
    Kernels.zeroGradients(List.copyOf(model.model().trainable().values()));
    row.backward(model.model(), 1);
    var gradients = gradients(model.model().trainable().keySet());
    var live = model.model().tensors();
    var tensors = new InMemoryTensors();
    live.tensors().forEach((name, info) -> tensors.put(name, live.floats(name), info.shape()));
    var random = new Random(6);
    gradients.forEach(
        (name, gradient) -> {
          var values = live.floats(name);
          double largest = largest(gradient, new double[gradient.length][gradient[0].length]);
          assertThat(largest).as(name).isPositive();
          for (int draw = 0; draw < 3; draw++) {
            int at = random.nextInt(values.length);
            double slope = slope(tensors, name, values, at, row.ids()[0]);
            assertThat(gradient[at / gradient[0].length][at % gradient[0].length])
                .as(name)
                .isCloseTo(slope, within(1e-3 * largest));
          }
        });
  }

  private double slope(InMemoryTensors tensors, String name, float[] values, int at, int[] ids) {
    var shape = tensors.tensor(name).shape();
    var up = values.clone();
    var down = values.clone();
    up[at] += 0x1p-9f;
    down[at] -= 0x1p-9f;
    double difference =
        loss(tensors.put(name, up, shape), ids) - loss(tensors.put(name, down, shape), ids);
    tensors.put(name, values, shape);
    return difference / ((double) up[at] - down[at]);
  }

  private double loss(InMemoryTensors tensors, int[] ids) {
    var logits = ReferenceForward.logits(model.model().graph(), tensors, ids);
    double sum = 0;
    for (int t = 1; t < ids.length; t++) {
      double all = Arrays.stream(logits[t - 1]).map(Math::exp).sum();
      sum += Math.log(all) - logits[t - 1][ids[t]];
    }
    return sum / (ids.length - 1);
  }
}
