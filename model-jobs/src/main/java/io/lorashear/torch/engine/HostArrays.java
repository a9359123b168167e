package io.lorashear.torch.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Transfers numbers between Java and the computing device; all such transfers go through this
 * class.
 *
 * <pre>
 *   sent      one copy to the device, however many arrays it contains
 *   fetched   one copy back, which waits for all work queued on the device
 * </pre>
 *
 * A training step should therefore send and fetch a number of times that does not depend on the
 * number of layers. Scalar arguments of a call are not counted: see {@link TorchModule.Call}.
 */
public final class HostArrays {
  private static final LongAdder SENT = new LongAdder();
  private static final LongAdder FETCHED = new LongAdder();

  /**
   * The method {@code beside(x, y)} for the text of a module: the arrays y on the device of x. If
   * they are elsewhere, they are all transferred in one copy.
   */
  public static final String BESIDE =
      """
        def beside(self: __torch__.M,
          x: Tensor,
          y: List[Tensor]) -> List[Tensor]:
          if torch.eq(x.device, y[0].device):
            q = y
          else:
            p = annotate(List[Tensor], [])
            for z in y:
              p = torch.append(p, torch.flatten(z))
            f = torch.to(torch.cat(p), x.device)
            q = annotate(List[Tensor], [])
            a = 0
            for z in y:
              n = torch.numel(z)
              q = torch.append(q, torch.view(torch.slice(f, 0, a, a + n), torch.size(z)))
              a = a + n
          return q
      """;

  private static final String TEXT =
      """
        def pieces(self: __torch__.M,
          x: Tensor,
          sizes: Tensor) -> List[Tensor]:
          p = annotate(List[Tensor], [])
          a = 0
          for i in range(torch.len(sizes)):
            n = int(sizes[i])
            p = torch.append(p, torch.slice(x, 0, a, a + n))
            a = a + n
          return p
        def joined(self: __torch__.M,
          x: List[Tensor]) -> Tensor:
          p = annotate(List[Tensor], [])
          for y in x:
            p = torch.append(p, torch.flatten(torch.to(y, x[0].device)))
          return torch.cat(p)
        def here(self: __torch__.M,
          x: List[Tensor]) -> List[Tensor]:
          f = torch.to(self.joined(x), torch.device("cpu"))
          q = annotate(List[Tensor], [])
          a = 0
          for y in x:
            n = torch.numel(y)
            q = torch.append(q, torch.view(torch.slice(f, 0, a, a + n), torch.size(y)))
            a = a + n
          return q
      """;

  private HostArrays() {}

  /**
   * Number of copies made by this process so far.
   *
   * @param sent to devices
   * @param fetched from devices
   */
  public record Copies(long sent, long fetched) {
    /** The copies made since {@code before}. */
    public Copies since(Copies before) {
      return new Copies(sent - before.sent, fetched - before.fetched);
    }
  }

  /** The copies made so far. */
  public static Copies copies() {
    return new Copies(SENT.sum(), FETCHED.sum());
  }

  /** An int64 array on the device of {@code scope}. */
  public static NDArray send(NDManager scope, long[] values, Shape shape) {
    return send(scope, LongBuffer.wrap(values), shape, DataType.INT64);
  }

  /** An int64 vector. */
  public static NDArray send(NDManager scope, long[] values) {
    return send(scope, values, new Shape(values.length));
  }

  /** An int64 matrix from rows of the same length. */
  public static NDArray send(NDManager scope, long[][] rows) {
    int width = rows.length == 0 ? 0 : rows[0].length;
    var flat = new long[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * width, width);
    }
    return send(scope, flat, new Shape(rows.length, width));
  }

  /** An int32 array. */
  public static NDArray send(NDManager scope, int[] values, Shape shape) {
    return send(scope, IntBuffer.wrap(values), shape, DataType.INT32);
  }

  /** A float32 array. */
  public static NDArray send(NDManager scope, float[] values, Shape shape) {
    return send(scope, FloatBuffer.wrap(values), shape, DataType.FLOAT32);
  }

  /** A float32 vector. */
  public static NDArray send(NDManager scope, float[] values) {
    return send(scope, values, new Shape(values.length));
  }

  /** A vector of bytes, from a buffer's position to its limit. */
  public static NDArray send(NDManager scope, ByteBuffer bytes) {
    return send(scope, bytes, new Shape(bytes.remaining()), DataType.UINT8);
  }

  private static NDArray send(NDManager scope, Buffer values, Shape shape, DataType type) {
    SENT.increment();
    return scope.create(values, shape, type);
  }

  /** Int64 vectors, sent in one copy; they share its memory. */
  public static List<NDArray> sendLongs(NDManager scope, List<long[]> values) {
    var sizes = values.stream().mapToLong(each -> each.length).toArray();
    var all = LongBuffer.allocate(total(sizes));
    values.forEach(all::put);
    return pieces(scope, all.flip(), DataType.INT64, sizes);
  }

  /** Float32 vectors, sent in one copy; they share its memory. */
  public static List<NDArray> sendFloats(NDManager scope, List<float[]> values) {
    var sizes = values.stream().mapToLong(each -> each.length).toArray();
    var all = FloatBuffer.allocate(total(sizes));
    values.forEach(all::put);
    return pieces(scope, all.flip(), DataType.FLOAT32, sizes);
  }

  private static int total(long[] sizes) {
    int total = 0;
    for (long size : sizes) {
      total = Math.addExact(total, Math.toIntExact(size));
    }
    return total;
  }

  private static List<NDArray> pieces(NDManager scope, Buffer all, DataType type, long[] sizes) {
    if (sizes.length == 0) {
      return List.of();
    }
    var sent = send(scope, all, new Shape(all.remaining()), type);
    var call = TorchModule.of(TEXT).call(scope, "pieces").with(sent);
    return List.copyOf(call.with(sizes).run());
  }

  /** Copies of the arrays in host memory, fetched in one copy; they share its memory. */
  public static List<NDArray> toHost(NDManager scope, List<NDArray> arrays) {
    if (arrays.isEmpty()) {
      return List.of();
    }
    FETCHED.increment();
    return List.copyOf(TorchModule.of(TEXT).call(scope, "here").with(arrays).run());
  }

  /** The values of a float32 array. */
  public static float[] floats(NDArray array) {
    FETCHED.increment();
    return array.toFloatArray();
  }

  /** The values of float32 arrays, fetched in one copy. */
  public static List<float[]> floats(List<NDArray> arrays) {
    if (arrays.isEmpty()) {
      return List.of();
    }
    try (var scope = arrays.get(0).getManager().newSubManager()) {
      var all = floats(TorchModule.of(TEXT).call(scope, "joined").with(arrays).run().get(0));
      var each = new ArrayList<float[]>();
      int at = 0;
      for (var array : arrays) {
        var values = new float[Math.toIntExact(array.size())];
        System.arraycopy(all, at, values, 0, values.length);
        each.add(values);
        at += values.length;
      }
      return each;
    }
  }

  /** The only value of a float32 array. */
  public static float number(NDArray array) {
    return floats(array)[0];
  }

  /** Float32 values as double. */
  public static double[] widened(float[] values) {
    var doubles = new double[values.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** The values of a float64 array. */
  public static double[] doubles(NDArray array) {
    FETCHED.increment();
    return array.toDoubleArray();
  }

  /** The values of an int64 array. */
  public static long[] longs(NDArray array) {
    FETCHED.increment();
    return array.toLongArray();
  }

  /** The values of an int32 array. */
  public static int[] ints(NDArray array) {
    FETCHED.increment();
    return array.toIntArray();
  }

  /** An array's bytes, little-endian. */
  public static ByteBuffer bytes(NDArray array) {
    FETCHED.increment();
    return array.toByteBuffer();
  }

  /** The values (int64) of an array that TorchScript left in host memory: nothing is copied. */
  public static long[] here(NDArray array) {
    if (array.getDevice().isGpu()) {
      throw new IllegalArgumentException("an array on " + array.getDevice());
    }
    return array.toLongArray();
  }
}
