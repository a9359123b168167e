package io.lorashear.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.lorashear.device.PyTorch;
import io.lorashear.device.Running;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.compile.Precision;
import java.util.Set;
import java.util.function.Function;

/**
 * Where a model computes, in which number type, and where its float32 weights lie.
 *
 * <pre>
 *                        computes with              float32 weights
 *   float32, tf32        the float32 weights        device
 *   bfloat16 on a CPU    copies in bfloat16         device
 *   bfloat16 on a GPU    copies in bfloat16         device or host; those that learn: device
 * </pre>
 *
 * @param originals where the float32 weights lie in the last case
 */
public record Placement(Device device, Precision precision, Originals originals) {
  /** One for a model whose weights do not change: the float32 weights need not be on a GPU. */
  public static Placement of(Device device, Precision precision) {
    return new Placement(device, precision, Originals.HOST);
  }

  /** Whether some float32 weights of {@code graph} lie in the host's memory and not on the GPU. */
  private boolean apart(ModelGraph graph) {
    if (!precision.narrow() || !device.isGpu()) {
      return false;
    }
    long memory = originals == Originals.AUTO ? memory() : 0;
    return originals.of(graph.parameterCount(), memory) == Originals.HOST;
  }

  /** Bytes of the GPU's memory; 0 where the driver does not know the GPU. */
  private long memory() {
    var gpus = PyTorch.ofProcess().driver().gpus();
    int number = device.getDeviceId();
    return number < gpus.size() ? gpus.get(number).bytes() : 0;
  }

  /**
   * Gives each float32 weight of {@code graph}, by its name, the manager of the memory it lies in.
   *
   * @param manager of the device
   * @param learning names of the weights that learn
   */
  Function<String, NDManager> homes(ModelGraph graph, NDManager manager, Set<String> learning) {
    var others = apart(graph) ? manager.newSubManager(Device.cpu()) : manager;
    return name -> learning.contains(name) ? manager : others;
  }

  /** What is told and recorded of a model that is placed so. */
  Running running() {
    return Running.of(device, precision.toString());
  }
}
