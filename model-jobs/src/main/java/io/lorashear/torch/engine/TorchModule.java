package io.lorashear.torch.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.lorashear.device.PyTorch;
import io.lorashear.torch.script.TorchScriptArchive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * TorchScript methods, loaded from text and called on arrays. Modules hold no tensors, so one
 * module serves every model whose text is the same; they are kept for the life of the JVM.
 */
public final class TorchModule {
  private static final Map<String, TorchModule> LOADED = new ConcurrentHashMap<>();

  private final PtSymbolBlock block;

  private TorchModule(PtSymbolBlock block) {
    this.block = block;
  }

  /** The module with these methods; loads it on first use of the text. */
  public static TorchModule of(String methods) {
    return LOADED.computeIfAbsent(methods, TorchModule::load);
  }

  private static TorchModule load(String methods) {
    var manager = (PtNDManager) PyTorch.engine().newBaseManager();
    manager.setName("TorchScript");
    var archive = new ByteArrayInputStream(TorchScriptArchive.of(methods));
    try {
      return new TorchModule(JniUtils.loadModule(manager, archive, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins a call, to which arguments are added; its results will belong to {@code scope}. */
  public Call call(NDManager scope, String method) {
    return new Call(scope, method);
  }

  /** Begins a call whose result, if any, is not used. */
  public Call call(NDArray any, String method) {
    return new Call(any.getManager(), method);
  }

  /**
   * Arguments in the order of the method's parameters. A list must not be empty, and an array can
   * be in only one list, because DJL groups arguments by the arrays' names.
   *
   * <p>Scalars stay in host memory, as arrays with no dimensions: reading one, or computing with
   * one on a device, needs no copy and no wait.
   */
  public final class Call {
    private final NDManager scope;
    private final NDManager local;
    private final NDList inputs = new NDList();
    private int lists;

    private Call(NDManager scope, String method) {
      this.scope = scope;
      this.local = scope.newSubManager(Device.cpu());
      // DJL puts results into the manager of the first array and takes the method from its name.
      var name = local.create(0);
      name.setName("module_method:" + method);
      inputs.add(name);
    }

    public Call with(NDArray tensor) {
      tensor.setName(null);
      inputs.add(tensor);
      return this;
    }

    public Call with(long value) {
      return with(local.create(value));
    }

    public Call with(double value) {
      return with(local.create(value));
    }

    /** Scalars, float64, to be read one by one. */
    public Call with(double[] values) {
      return with(local.create(values));
    }

    /** Scalars, int64, to be read one by one; not for indexing an array on a device. */
    public Call with(long[] values) {
      return with(local.create(values));
    }

    /** A {@code List[Tensor]} of arrays, followed by scalars. */
    public Call with(List<NDArray> tensors, double... scalars) {
      var all = new ArrayList<>(tensors);
      for (double scalar : scalars) {
        all.add(local.create(scalar));
      }
      return with(all);
    }

    /** A {@code List[Tensor]} of one scalar, which stands for an empty list. */
    public Call withNothing() {
      return with(List.of(local.create(0)));
    }

    /** A {@code List[Tensor]}. */
    public Call with(List<NDArray> tensors) {
      if (tensors.isEmpty()) {
        throw new IllegalArgumentException("DJL cannot pass an empty list");
      }
      var name = "l" + lists++ + "[]";
      for (var tensor : tensors) {
        tensor.setName(name);
        inputs.add(tensor);
      }
      return this;
    }

    /** Runs without autograd: the results can never take part in autograd. */
    public NDList run() {
      return run(false);
    }

    /** Runs with autograd recording on this thread, whatever the mode was before. */
    public NDList record() {
      return run(true);
    }

    private NDList run(boolean recorded) {
      // The profiling executor would specialise again for every shape; the switch is per thread.
      JniUtils.setGraphExecutorOptimize(false);
      boolean before = JniUtils.isGradMode();
      JniUtils.setGradMode(recorded);
      try (local) {
        var results = ExitGate.pass(() -> IValueUtils.forward(block, inputs, recorded));
        results.attach(scope);
        return results;
      } finally {
        JniUtils.setGradMode(before);
      }
    }
  }
}
