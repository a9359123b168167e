package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Transfers weights between files and the device in pieces of 16 MiB, so that no tensor is held
 * twice. Half precision is widened on the device, without loss.
 */
final class Weights implements TensorSource {
  private static final int PIECE = 1 << 24;

  private static final String TEXT =
      """
        def put(self: __torch__.M,
          x: Tensor,
          bytes: Tensor,
          start: Tensor,
          type: Tensor) -> Tensor:
          values = torch.view_copy(bytes, int(type))
          first = int(start)
          part = torch.slice(torch.flatten(x), 0, first, first + torch.len(values))
          return torch.copy_(part, values)
        def piece(self: __torch__.M,
          x: Tensor,
          start: Tensor,
          count: Tensor) -> Tensor:
          first = int(start)
          return torch.clone(torch.slice(torch.flatten(x), 0, first, first + int(count)))
      """;

  private final Map<String, NDArray> arrays;
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();

  Weights(Map<String, NDArray> arrays) {
    this.arrays = arrays;
    arrays.forEach(
        (name, array) ->
            infos.put(
                name,
                new TensorInfo(
                    name, io.lorashear.checkpoint.DataType.F32, array.getShape().getShape())));
  }

  /**
   * The graph's parameters, in the graph's order.
   *
   * @param place returns the manager for the parameter of a given name
   */
  static Map<String, NDArray> load(
      ModelGraph graph, List<TensorSource> sources, Function<String, NDManager> place) {
    var loaded = new LinkedHashMap<String, NDArray>();
    var buffer = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    for (var parameter : graph.parameters().values()) {
      var tensors = holder(sources, parameter.name());
      var info = tensors.tensor(parameter.name());
      check(info, parameter.shape());
      var manager = place.apply(parameter.name());
      var array = manager.create(new Shape(info.shape()), DataType.FLOAT32);
      fill(array, tensors, info, buffer);
      loaded.put(info.name(), array);
    }
    return Collections.unmodifiableMap(loaded);
  }

  /** Overwrites the arrays called {@code names} with the values of {@code tensors}. */
  static void put(Map<String, NDArray> arrays, TensorSource tensors, Collection<String> names) {
    var buffer = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    for (var name : names) {
      var array = Objects.requireNonNull(arrays.get(name), name);
      var info = tensors.tensor(name);
      check(info, array.getShape().getShape());
      fill(array, tensors, info, buffer);
    }
  }

  private static TensorSource holder(List<TensorSource> sources, String name) {
    return sources.stream()
        .filter(source -> source.tensors().containsKey(name))
        .findFirst()
        .orElse(sources.get(0));
  }

  private static void check(TensorInfo info, long[] expected) {
    if (!Arrays.equals(info.shape(), expected)) {
      throw new InputException(
          "the tensor %s has the shape %s, but its config makes it %s: config.json and weights are"
              + " not of one model",
          info.name(), Arrays.toString(info.shape()), Arrays.toString(expected));
    }
    if (!info.type().isFloating()) {
      throw new InputException(
          "the tensor %s holds %s: weights must be F32, F16 or BF16", info.name(), info.type());
    }
  }

  private static void fill(
      NDArray array, TensorSource tensors, TensorInfo info, ByteBuffer buffer) {
    int width = info.type().bytes();
    for (long done = 0; done < info.bytes(); done += PIECE) {
      buffer.clear().limit((int) Math.min(PIECE, info.bytes() - done));
      tensors.read(info.name(), done, buffer);
      buffer.flip();
      try (var scope = array.getManager().newSubManager()) {
        var bytes = HostArrays.send(scope, buffer);
        var put = TorchModule.of(TEXT).call(scope, "put").with(array).with(bytes);
        put.with(done / width).with(torchType(info)).run();
      }
    }
  }

  /** PyTorch's code of the element type; DJL itself must never handle bfloat16. */
  private static long torchType(TensorInfo info) {
    return switch (info.type()) {
      case F16 -> 5;
      case F32 -> 6;
      case BF16 -> 15;
      default -> throw new IllegalArgumentException(info.toString());
    };
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(infos);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    long end = byteOffset + target.remaining();
    if (byteOffset < 0 || end > tensor(name).bytes()) {
      throw new IndexOutOfBoundsException(name + " ends before byte " + end);
    }
    while (target.hasRemaining()) {
      long from = end - target.remaining();
      long first = from / Float.BYTES;
      int skip = (int) (from - first * Float.BYTES);
      int bytes = Math.min(PIECE, skip + target.remaining());
      var piece = piece(name, first, (bytes + Float.BYTES - 1) / Float.BYTES);
      target.put(piece.slice(skip, Math.min(target.remaining(), bytes - skip)));
    }
  }

  private ByteBuffer piece(String name, long first, long count) {
    var array = Objects.requireNonNull(arrays.get(name));
    try (var scope = array.getManager().newSubManager()) {
      var call = TorchModule.of(TEXT).call(scope, "piece").with(array).with(first).with(count);
      return HostArrays.bytes(call.run().get(0));
    }
  }

  @Override
  public void close() {}
}
