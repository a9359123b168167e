package io.lorashear.torch.script;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The state of a TorchScript module in the format that PyTorch's own reader accepts: pickle,
 * protocol 2, which is only written here, never read.
 *
 * <pre>
 *   module   __torch__.M with the state {'training': True, attribute: tensor, …}
 *   tensor   torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())
 *   storage  persistent id ('storage', torch.FloatStorage, key, 'cpu', elements): the archive's
 *            entry m/data/key has its bytes
 * </pre>
 */
final class ModulePickle {
  private static final int PROTOCOL = 0x80;
  private static final int GLOBAL = 'c';
  private static final int EMPTY_TUPLE = ')';
  private static final int NEW_OBJECT = 0x81;
  private static final int EMPTY_DICTIONARY = '}';
  private static final int MARK = '(';
  private static final int TUPLE = 't';
  private static final int SET_ITEMS = 'u';
  private static final int BUILD = 'b';
  private static final int REDUCE = 'R';
  private static final int PERSISTENT_ID = 'Q';
  private static final int TRUE = 0x88;
  private static final int FALSE = 0x89;
  private static final int UNICODE = 'X';
  private static final int INTEGER = 'J';
  private static final int LONG = 0x8a;
  private static final int STOP = '.';

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private ModulePickle() {}

  /**
   * The state of a module.
   *
   * @param attributes tensors by the attribute that holds them; the first has the key 0, the next 1
   */
  static byte[] of(Map<String, TensorInfo> attributes) {
    var pickle = new ModulePickle();
    pickle.op(PROTOCOL).op(2);
    pickle.global("__torch__", "M").op(EMPTY_TUPLE).op(NEW_OBJECT);
    pickle.op(EMPTY_DICTIONARY).op(MARK);
    pickle.text("training").op(TRUE);
    int key = 0;
    for (var attribute : attributes.entrySet()) {
      pickle.text(attribute.getKey()).tensor(attribute.getValue(), key++);
    }
    pickle.op(SET_ITEMS).op(BUILD).op(STOP);
    return pickle.bytes.toByteArray();
  }

  private ModulePickle tensor(TensorInfo tensor, int key) {
    global("torch._utils", "_rebuild_tensor_v2").op(MARK);
    op(MARK).text("storage").global("torch", storage(tensor.type()));
    text(Integer.toString(key)).text("cpu").integer(tensor.elements()).op(TUPLE);
    op(PERSISTENT_ID).integer(0);
    tuple(tensor.shape()).tuple(strides(tensor.shape())).op(FALSE);
    global("collections", "OrderedDict").op(EMPTY_TUPLE).op(REDUCE);
    return op(TUPLE).op(REDUCE);
  }

  private static String storage(DataType type) {
    return switch (type) {
      case F32 -> "FloatStorage";
      case F16 -> "HalfStorage";
      case BF16 -> "BFloat16Storage";
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  /** Row-major strides: the last dimension has the stride 1. */
  private static long[] strides(long[] shape) {
    var strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  private ModulePickle tuple(long[] values) {
    op(MARK);
    for (long value : values) {
      integer(value);
    }
    return op(TUPLE);
  }

  private ModulePickle integer(long value) {
    boolean small = value == (int) value;
    var number = ByteBuffer.allocate(small ? 4 : 8).order(ByteOrder.LITTLE_ENDIAN);
    if (small) {
      op(INTEGER);
      number.putInt((int) value);
    } else {
      op(LONG).op(8);
      number.putLong(value);
    }
    bytes.writeBytes(number.array());
    return this;
  }

  private ModulePickle text(String text) {
    var utf8 = text.getBytes(StandardCharsets.UTF_8);
    op(UNICODE);
    bytes.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    bytes.writeBytes(utf8);
    return this;
  }

  private ModulePickle global(String module, String name) {
    op(GLOBAL);
    bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private ModulePickle op(int code) {
    bytes.write(code);
    return this;
  }
}
