package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import java.util.List;
import java.util.stream.Stream;

/**
 * Steps of the groups that are being driven to zero, for all axes in one call. For each axis, with
 * k = {@code keep} and row i of a slice in group g:
 *
 * <pre>
 *   l_g   = k·‖x_g‖² + ⟨s(BA)_g, x_g⟩ &lt; ε‖x_g‖²           or the deadline is reached
 *   x_i   ← 0                        where l_g
 *   x_i   ← k·x_i + s·B_i A          else
 * </pre>
 *
 * Sums are float32; the comparison is float64. Only rows of active groups are touched. A and B may
 * be on another device than x; all rows needed of them are transferred in one copy.
 */
public final class HalfSpaceKernels {
  private static final String TEXT =
      HostArrays.BESIDE
          + GroupSums.TEXT
          + """
            def rows(self: __torch__.M,
              x: List[Tensor],
              positions: List[Tensor]) -> List[Tensor]:
              p = self.beside(x[0], positions)
              r = annotate(List[Tensor], [])
              for i in range(torch.len(x)):
                if torch.gt(torch.numel(x[i]), 0):
                  r = torch.append(r, torch.index_select(x[i], 0, p[i]))
                else:
                  r = torch.append(r, x[i])
              return r
            def by_row(self: __torch__.M,
              values: Tensor,
              owners: Tensor,
              x: Tensor) -> Tensor:
              v = torch.index_select(values, 0, owners)
              if torch.gt(torch.dim(x), 1):
                v = torch.unsqueeze(v, 1)
              else:
                pass
              return v
            def leaving(self: __torch__.M,
              squared: Tensor,
              along: Tensor,
              together: int,
              rule: Tensor) -> Tensor:
              u = torch.to(squared, 7)
              v = torch.to(along, 7)
              if torch.gt(together, 0):
                u = torch.add(torch.zeros_like(u), torch.sum(u))
                v = torch.add(torch.zeros_like(v), torch.sum(v))
              else:
                pass
              g = torch.lt(torch.add(torch.mul(u, float(rule[0])), v), torch.mul(u, float(rule[1])))
              if torch.gt(float(rule[3]), 0.):
                g = torch.ones_like(g)
              else:
                pass
              return g
            def project(self: __torch__.M,
              slices: Tensor,
              groups: Tensor,
              together: Tensor,
              rule: Tensor,
              x: List[Tensor],
              positions: List[Tensor],
              owners: List[Tensor],
              inner: List[Tensor],
              outer: List[Tensor]) -> Tensor:
              n = torch.len(x)
              moved = self.beside(x[0], torch.add(inner, self.rows(outer, positions)))
              left = annotate(List[Tensor], [])
              for k in range(torch.len(groups)):
                first = int(slices[k])
                last = int(slices[k + 1])
                s = torch.zeros([int(groups[k])], dtype=6, device=x[0].device)
                l = torch.zeros_like(s)
                r = annotate(List[Tensor], [])
                for i in range(first, last):
                  y = torch.index_select(x[i], 0, positions[i])
                  r = torch.append(r, y)
                  q = torch.mul(y, y)
                  if torch.gt(torch.dim(q), 1):
                    q = torch.sum(q, [1])
                  else:
                    pass
                  s = self.added(s, owners[i], q)
                  if torch.gt(torch.numel(moved[i]), 0):
                    p = torch.mul(moved[n + i], torch.matmul(y, torch.t(moved[i])))
                    l = self.added(l, owners[i], torch.sum(p, [1]))
                  else:
                    pass
                g = self.leaving(s, torch.mul(l, float(rule[2])), int(together[k]), rule)
                stays = torch.where(g, torch.zeros_like(s), torch.ones_like(s))
                f = torch.mul(stays, float(rule[0]))
                for i in range(first, last):
                  y = r[i - first]
                  o = torch.mul_(y, self.by_row(f, owners[i], y))
                  if torch.gt(torch.numel(moved[i]), 0):
                    c = torch.mul(moved[n + i], self.by_row(stays, owners[i], y))
                    o = torch.addmm_(y, c, moved[i], beta=1., alpha=float(rule[2]))
                  else:
                    pass
                  o = torch.index_copy_(x[i], 0, positions[i], y)
                left = torch.append(left, torch.to(g, 6))
              return torch.cat(left)
            def shrink(self: __torch__.M,
              keep: Tensor,
              x: List[Tensor],
              positions: List[Tensor],
              outer: List[Tensor]) -> Tensor:
              q = self.beside(outer[0], positions)
              for i in range(torch.len(x)):
                y = torch.mul(torch.index_select(x[i], 0, positions[i]), float(keep))
                o = torch.index_copy_(x[i], 0, positions[i], y)
                if torch.gt(torch.numel(outer[i]), 0):
                  b = torch.mul(torch.index_select(outer[i], 0, q[i]), float(keep))
                  o = torch.index_copy_(outer[i], 0, q[i], b)
                else:
                  pass
              return keep
          """;

  private HalfSpaceKernels() {}

  /**
   * Rows of one slice that belong to active groups.
   *
   * @param x all rows, (rows, width) or (rows,); written to
   * @param positions int64 (n,): the rows
   * @param owners int64 (n,): their groups, counted within the axis
   * @param inner A (r, width), or (0,) if the slice has no LoRA pair
   * @param outer B (rows, r), or (0,)
   */
  public record Slice(NDArray x, NDArray positions, NDArray owners, NDArray inner, NDArray outer) {}

  /**
   * The slices of one axis.
   *
   * @param groups number of active groups
   * @param together whether they all become zero at once, decided by their sums
   */
  public record Axis(List<Slice> slices, int groups, boolean together) {}

  /**
   * One step of equation 2.
   *
   * @param keep k
   * @param epsilon ε
   * @param scale s, of all pairs
   * @param now whether all groups have reached their deadline
   * @return 1 for groups that are now zero, else 0: axis by axis
   */
  public static float[] project(
      NDManager scope, List<Axis> axes, double keep, double epsilon, double scale, boolean now) {
    var slices = new long[axes.size() + 1];
    for (int i = 0; i < axes.size(); i++) {
      slices[i + 1] = slices[i] + axes.get(i).slices().size();
    }
    var all = axes.stream().flatMap(axis -> axis.slices().stream()).toList();
    try (var pass = scope.newSubManager()) {
      var call = TorchModule.of(TEXT).call(pass, "project").with(slices);
      call.with(axes.stream().mapToLong(Axis::groups).toArray());
      call.with(axes.stream().mapToLong(axis -> axis.together() ? 1 : 0).toArray());
      call.with(new double[] {keep, epsilon, scale, now ? 1 : 0});
      call.with(all.stream().map(Slice::x).toList());
      call.with(all.stream().map(Slice::positions).toList());
      call.with(all.stream().map(Slice::owners).toList());
      call.with(all.stream().map(Slice::inner).toList());
      call.with(all.stream().map(Slice::outer).toList());
      return HostArrays.floats(call.run().get(0));
    }
  }

  /** {@code x_i ← keep·x_i} and {@code B_i ← keep·B_i}. */
  public static void shrink(Stream<Slice> slices, double keep) {
    var all = slices.toList();
    var call = TorchModule.of(TEXT).call(all.get(0).x(), "shrink").with(keep);
    call.with(all.stream().map(Slice::x).toList());
    call.with(all.stream().map(Slice::positions).toList());
    call.with(all.stream().map(Slice::outer).toList()).run().close();
  }
}
