package io.lorashear.torch;

import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.graph.ModelGraph;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Weights that come of a formula, so that another program has the same:
 *
 * <pre>
 *   W_n[i] = 0.3 sin(0.37 i² + n), norms 1 more      W_n the n-th by name, i along its rows
 *   id_t = (5t² + 3t + 1) mod 32
 * </pre>
 */
final class FormulaModel {
  private FormulaModel() {}

  static InMemoryTensors weights(ModelGraph graph) {
    var tensors = new InMemoryTensors();
    int number = 0;
    for (var name : new TreeSet<>(graph.parameters().keySet())) {
      var shape = graph.parameter(name).shape();
      var values = new float[(int) graph.parameter(name).elements()];
      for (int i = 0; i < values.length; i++) {
        double wave = 0.3 * Math.sin(0.37 * i * i + number);
        values[i] = (float) (shape.length == 1 ? 1 + wave : wave);
      }
      tensors.put(name, values, shape);
      number++;
    }
    return tensors;
  }

  static int[] ids(int length) {
    return IntStream.range(0, length).map(t -> (5 * t * t + 3 * t + 1) % 32).toArray();
  }

  static float[] floats(double... values) {
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
