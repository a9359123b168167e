package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The weights that a model computes with: the float32 originals or, for frozen weights, copies on
 * the device, in bfloat16 except for those of norms. Code that changes an original need not know
 * about its copy:
 *
 * <pre>
 *   copy ← bfloat16(x)      if PyTorch's version counter of x has changed since the last copy
 * </pre>
 *
 * A caller that knows that only some rows have changed can report them ({@link #rowsChanged}). Then
 * only those rows are copied, in a single transfer where originals and copies are on two devices.
 */
final class WorkingWeights {
  private static final String TEXT =
      """
        def copies(self: __torch__.M,
          beside: Tensor,
          types: Tensor,
          x: List[Tensor]) -> List[Tensor]:
          c = annotate(List[Tensor], [])
          v = annotate(List[int], [])
          for i in range(torch.len(x)):
            c = torch.append(c, torch.to(torch.detach(x[i]), beside.device, int(types[i])))
            v = torch.append(v, torch._version(x[i]))
          return torch.append(c, torch.tensor(v))
        def changed(self: __torch__.M,
          seen: Tensor,
          x: List[Tensor]) -> Tensor:
          n = 0
          for i in range(torch.len(x)):
            if torch.ne(torch._version(x[i]), int(seen[i])):
              n = n + 1
            else:
              pass
          return torch.tensor(n)
        def renew(self: __torch__.M,
          seen: Tensor,
          x: List[Tensor],
          c: List[Tensor]) -> Tensor:
          for i in range(torch.len(x)):
            v = torch._version(x[i])
            if torch.ne(v, int(seen[i])):
              y = torch.copy_(c[i], torch.detach(x[i]))
              k = torch.fill_(torch.select(seen, 0, i), v)
            else:
              pass
          return seen
      """
          + HostArrays.BESIDE
          + """
            def renew_rows(self: __torch__.M,
              seen: Tensor,
              places: Tensor,
              changes: Tensor,
              dims: Tensor,
              x: List[Tensor],
              c: List[Tensor],
              positions: List[Tensor]) -> Tensor:
              t = annotate(List[int], [])
              r = annotate(List[Tensor], [])
              p = annotate(List[Tensor], [])
              for i in range(torch.len(x)):
                if torch.eq(torch._version(x[i]), int(seen[int(places[i])]) + int(changes[i])):
                  if torch.eq(c[i].dtype, 15):
                    t = torch.append(t, i)
                    y = torch.index_select(torch.detach(x[i]), int(dims[i]), positions[i])
                    r = torch.append(r, torch.to(y, 15))
                    p = torch.append(p, positions[i])
                  else:
                    pass
                else:
                  pass
              if torch.gt(torch.len(t), 0):
                q = self.beside(c[0], r)
                o = self.beside(c[0], p)
                for k in range(torch.len(t)):
                  i = t[k]
                  y = torch.index_copy_(c[i], int(dims[i]), o[k], q[k])
                for i in t:
                  k = torch.fill_(torch.select(seen, 0, int(places[i])), torch._version(x[i]))
              else:
                pass
              return seen
          """;

  /**
   * Copies (n) of originals (n), and the originals' version counters (n,) when they were copied.
   */
  private record Copies(List<NDArray> originals, List<NDArray> copies, NDArray seen) {}

  private final NDManager manager;
  private final Map<String, NDArray> originals;
  private final Precision precision;
  private final Set<String> wide;
  private Set<String> learning = Set.of();
  private List<NDArray> used;
  private @Nullable Copies made;

  /**
   * The weights of {@code graph}, all frozen.
   *
   * @param manager manager of the device that computes
   */
  WorkingWeights(
      ModelGraph graph, NDManager manager, Map<String, NDArray> originals, Precision precision) {
    this.manager = manager;
    this.originals = originals;
    this.precision = precision;
    this.wide = Precision.alwaysWide(graph);
    this.used = List.copyOf(originals.values());
  }

  /**
   * Makes exactly these weights trainable; the originals of trainable weights are used directly.
   */
  synchronized void learning(Collection<String> names) {
    learning = Set.copyOf(names);
    if (made != null) {
      made.copies.forEach(NDArray::close);
      made.seen.close();
      made = null;
    }
  }

  /** All weights in the graph's order, as they are now. */
  synchronized List<NDArray> current() {
    if (!precision.narrow()) {
      return used;
    }
    if (made == null) {
      made = copies();
    } else if (changed(made)) {
      var call = module().call(manager, "renew").with(made.seen);
      call.with(made.originals).with(made.copies).run().close();
    }
    return used;
  }

  /**
   * Copies rows that were changed once per entry of {@code changes}, provided that nothing else
   * changed since the weights were last requested; otherwise the whole weight is copied at the next
   * request.
   */
  synchronized void rowsChanged(List<RowChange> changes) {
    if (made == null) {
      return;
    }
    var names = originals.keySet().stream().filter(this::isCopied).toList();
    var known = changes.stream().filter(change -> names.contains(change.name())).toList();
    if (known.isEmpty()) {
      return;
    }
    var times = new HashMap<String, Long>();
    known.forEach(change -> times.merge(change.name(), 1L, Long::sum));
    var places = known.stream().mapToInt(change -> names.indexOf(change.name())).toArray();
    var at = made;
    var call = module().call(manager, "renew_rows").with(at.seen);
    call.with(Arrays.stream(places).asLongStream().toArray());
    call.with(known.stream().mapToLong(change -> times.getOrDefault(change.name(), 1L)).toArray());
    call.with(known.stream().mapToLong(RowChange::dimension).toArray());
    call.with(Arrays.stream(places).mapToObj(at.originals::get).toList());
    call.with(Arrays.stream(places).mapToObj(at.copies::get).toList());
    call.with(known.stream().map(RowChange::positions).toList()).run().close();
  }

  private Copies copies() {
    var names = originals.keySet().stream().filter(this::isCopied).toList();
    var from = names.stream().map(originals::get).toList();
    used = new ArrayList<>(originals.values());
    if (names.isEmpty()) {
      return new Copies(List.of(), List.of(), manager.zeros(new Shape(0)));
    }
    try (var beside = manager.zeros(new Shape(0))) {
      // Recorded, because a tensor made without autograd cannot be saved for a backward pass.
      var types = names.stream().mapToLong(name -> wide.contains(name) ? 6 : 15).toArray();
      var call = module().call(manager, "copies").with(beside).with(types).with(from);
      var results = call.record();
      var copies = List.copyOf(results.subList(0, names.size()));
      var copied = copies.iterator();
      int place = 0;
      for (var name : originals.keySet()) {
        if (isCopied(name)) {
          used.set(place, copied.next());
        }
        place++;
      }
      return new Copies(from, copies, results.get(names.size()));
    }
  }

  private boolean isCopied(String name) {
    var original = Objects.requireNonNull(originals.get(name));
    boolean elsewhere = !original.getDevice().equals(manager.getDevice());
    return !learning.contains(name) && (elsewhere || !wide.contains(name));
  }

  /** Passes the originals only: other threads may be computing with the copies. */
  private boolean changed(Copies copies) {
    if (copies.originals.isEmpty()) {
      return false;
    }
    var call = module().call(manager, "changed").with(copies.seen).with(copies.originals);
    try (var results = call.run()) {
      return HostArrays.here(results.get(0))[0] > 0;
    }
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
