package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.TorchModule;
import java.util.List;

/**
 * What LHSPG and the saliency scores compute for all groups of one axis, each as one call over all
 * tensors that the axis touches. Position i of a tensor belongs to group g if groupOf(i) = g:
 *
 * <pre>
 *   ‖x_g‖²      = Σ_tensors Σ_{i ∈ g} ‖x_i‖²
 *   ⟨x_g, y_g⟩  = Σ_tensors Σ_{i ∈ g} ⟨x_i, y_i⟩
 *   ⟨(BA)_i, x_i⟩ = ⟨B_i, (x Aᵀ)_i⟩ for row i,  ⟨A_i, (Bᵀ x)_i⟩ for column i
 *   ‖(BA)_i‖²     = B_i (A Aᵀ) B_iᵀ,            A_iᵀ (Bᵀ B) A_i       (BA is never formed)
 * </pre>
 *
 * A and B, and per-group values, may be on another device than x.
 */
public final class AxisKernels {
  private static final String TEXT =
      GroupSums.TEXT
          + """
            def owned(self: __torch__.M,
              p: Tensor,
              d: int) -> Tensor:
              n = torch.dim(p)
              for i in range(n):
                j = n - 1 - i
                if torch.ne(j, d):
                  p = torch.sum(p, [j])
                else:
                  pass
              return p
            def along(self: __torch__.M,
              values: Tensor,
              owners: Tensor,
              none: float,
              x: Tensor,
              d: int) -> Tensor:
              u = torch.to(values, owners.device, 6)
              v = torch.index_select(torch.cat([u, torch.full_like(torch.slice(u, 0, 0, 1), none)]), 0, owners)
              shape = annotate(List[int], [])
              for i in range(torch.dim(x)):
                if torch.eq(i, d):
                  shape = torch.append(shape, -1)
                else:
                  shape = torch.append(shape, 1)
              return torch.reshape(v, shape)
            def squared(self: __torch__.M,
              groups: Tensor,
              dims: Tensor,
              x: List[Tensor],
              owners: List[Tensor]) -> Tensor:
              s = torch.zeros([int(groups) + 1], dtype=6, device=x[0].device)
              for i in range(torch.len(x)):
                s = self.added(s, owners[i], self.owned(torch.mul(x[i], x[i]), int(dims[i])))
              return torch.slice(s, 0, 0, int(groups))
            def products(self: __torch__.M,
              groups: Tensor,
              dims: Tensor,
              absolute: Tensor,
              x: List[Tensor],
              owners: List[Tensor],
              y: List[Tensor]) -> Tensor:
              s = torch.zeros([int(groups) + 1], dtype=6, device=x[0].device)
              for i in range(torch.len(x)):
                p = torch.mul(x[i], y[i])
                if torch.eq(int(absolute), 1):
                  p = torch.abs(p)
                else:
                  pass
                o = self.owned(p, int(dims[i]))
                if torch.eq(int(absolute), 2):
                  o = torch.abs(o)
                else:
                  pass
                s = self.added(s, owners[i], o)
              return torch.slice(s, 0, 0, int(groups))
            def lora_products(self: __torch__.M,
              groups: Tensor,
              dims: Tensor,
              scale: Tensor,
              x: List[Tensor],
              owners: List[Tensor],
              a: List[Tensor],
              b: List[Tensor]) -> Tensor:
              s = torch.zeros([int(groups) + 1], dtype=6, device=x[0].device)
              for i in range(torch.len(x)):
                if torch.eq(int(dims[i]), 0):
                  p = torch.sum(torch.mul(torch.to(b[i], x[i]), torch.matmul(x[i], torch.t(torch.to(a[i], x[i])))), [1])
                else:
                  p = torch.sum(torch.mul(torch.to(a[i], x[i]), torch.matmul(torch.t(torch.to(b[i], x[i])), x[i])), [0])
                s = self.added(s, owners[i], p)
              return torch.mul(torch.slice(s, 0, 0, int(groups)), float(scale))
            def lora_squared(self: __torch__.M,
              groups: Tensor,
              dims: Tensor,
              scale: Tensor,
              owners: List[Tensor],
              a: List[Tensor],
              b: List[Tensor]) -> Tensor:
              s = torch.zeros([int(groups) + 1], dtype=6, device=owners[0].device)
              for i in range(torch.len(a)):
                if torch.eq(int(dims[i]), 0):
                  p = torch.sum(torch.mul(b[i], torch.matmul(b[i], torch.matmul(a[i], torch.t(a[i])))), [1])
                else:
                  p = torch.sum(torch.mul(a[i], torch.matmul(torch.matmul(torch.t(b[i]), b[i]), a[i])), [0])
                s = self.added(s, owners[i], torch.to(p, s))
              return torch.mul(torch.slice(s, 0, 0, int(groups)), float(scale) * float(scale))
            def surrogate(self: __torch__.M,
              groups: Tensor,
              d: Tensor,
              scale: Tensor,
              x: Tensor,
              owners: Tensor,
              a: Tensor,
              b: Tensor) -> Tensor:
              u = torch.to(a, x)
              v = torch.to(b, x)
              f = torch.to(a.grad, x)
              h = torch.to(b.grad, x)
              g = torch.sub(torch.add(torch.matmul(h, u), torch.matmul(v, f)), torch.matmul(h, f))
              w = torch.add(x, torch.matmul(v, u), alpha=float(scale))
              s = torch.zeros([int(groups) + 1], dtype=6, device=x.device)
              s = self.added(s, owners, self.owned(torch.abs(torch.mul(g, w)), int(d)))
              return torch.slice(s, 0, 0, int(groups))
            def average(self: __torch__.M,
              s: Tensor,
              decay: Tensor,
              parts: List[Tensor]) -> Tensor:
              s = torch.mul_(s, float(decay))
              for p in parts:
                n = torch.to(torch.norm(p), 7)
                k = torch.div(torch.full_like(n, 1. - float(decay)), n)
                k = torch.where(torch.gt(n, 0.), k, torch.zeros_like(n))
                s = torch.add_(s, torch.mul(p, torch.to(k, 6)))
              return s
            def scale(self: __torch__.M,
              factors: Tensor,
              dims: Tensor,
              x: List[Tensor],
              owners: List[Tensor]) -> Tensor:
              for i in range(torch.len(x)):
                d = int(dims[i])
                y = torch.mul_(x[i], self.along(factors, owners[i], 1., x[i], d))
              return factors
            def zero(self: __torch__.M,
              mask: Tensor,
              dims: Tensor,
              x: List[Tensor],
              owners: List[Tensor]) -> Tensor:
              for i in range(torch.len(x)):
                d = int(dims[i])
                y = torch.masked_fill_(x[i], torch.gt(self.along(mask, owners[i], 0., x[i], d), 0.5), 0.)
              return mask
            def copy(self: __torch__.M,
              mask: Tensor,
              dims: Tensor,
              x: List[Tensor],
              owners: List[Tensor],
              y: List[Tensor]) -> Tensor:
              for i in range(torch.len(x)):
                d = int(dims[i])
                m = torch.gt(self.along(mask, owners[i], 0., x[i], d), 0.5)
                z = torch.copy_(x[i], torch.where(m, y[i], x[i]))
              return mask
            def fold(self: __torch__.M,
              scale: Tensor,
              x: List[Tensor],
              a: List[Tensor],
              b: List[Tensor],
              rows: List[Tensor]) -> Tensor:
              for i in range(torch.len(x)):
                c = torch.mul(torch.to(b[i], x[i]), torch.unsqueeze(rows[i], 1))
                y = torch.addmm_(x[i], c, torch.to(a[i], x[i]), beta=1., alpha=float(scale))
              return scale
          """;

  private AxisKernels() {}

  /** ‖x_g‖² of every group: (groups,). */
  public static NDArray squaredNorms(NDManager scope, List<GroupedTensor> x, int groups) {
    var call = module().call(scope, "squared").with((long) groups);
    return first(dimensions(call, x).with(tensors(x)).with(owners(x)).run());
  }

  /** ⟨x_g, y_g⟩ of every group: (groups,). {@code y} has the shapes of {@code x}. */
  public static NDArray innerProducts(
      NDManager scope, List<GroupedTensor> x, List<NDArray> y, int groups) {
    return products(scope, x, y, groups, 0);
  }

  /** Σ|x·y| over the elements of every group: (groups,). */
  public static NDArray absoluteProducts(
      NDManager scope, List<GroupedTensor> x, List<NDArray> y, int groups) {
    return products(scope, x, y, groups, 1);
  }

  /** Σ|⟨x_i, y_i⟩| over the positions i of every group, its rows or columns: (groups,). */
  public static NDArray absoluteVectorProducts(
      NDManager scope, List<GroupedTensor> x, List<NDArray> y, int groups) {
    return products(scope, x, y, groups, 2);
  }

  private static NDArray products(
      NDManager scope, List<GroupedTensor> x, List<NDArray> y, int groups, long absolute) {
    var call = module().call(scope, "products").with((long) groups);
    dimensions(call, x).with(absolute);
    return first(call.with(tensors(x)).with(owners(x)).with(y).run());
  }

  /**
   * ⟨s(BA)_g, x_g⟩ of every group: (groups,).
   *
   * @param x matrices (out, in)
   * @param a (rank, in), one for each of {@code x}
   * @param b (out, rank), one for each of {@code x}
   */
  public static NDArray loraInnerProducts(
      NDManager scope,
      List<GroupedTensor> x,
      List<NDArray> a,
      List<NDArray> b,
      double scale,
      int groups) {
    var call = module().call(scope, "lora_products").with((long) groups);
    dimensions(call, x).with(scale);
    return first(call.with(tensors(x)).with(owners(x)).with(a).with(b).run());
  }

  /** ‖s(BA)_g‖² of every group: (groups,); arguments as in {@link #loraInnerProducts}. */
  public static NDArray loraSquaredNorms(
      NDManager scope,
      List<GroupedTensor> x,
      List<NDArray> a,
      List<NDArray> b,
      double scale,
      int groups) {
    var call = module().call(scope, "lora_squared").with((long) groups);
    dimensions(call, x).with(scale);
    return first(call.with(owners(x)).with(a).with(b).run());
  }

  /**
   * Σ|ĝ·(x + sBA)| over the elements of every group, with ĝ from the accumulated gradients of A and
   * B: (groups,).
   *
   * <pre>
   *   ĝ = G_B A + B G_A − G_B G_A
   * </pre>
   */
  public static NDArray surrogateProducts(
      NDManager scope, GroupedTensor x, NDArray a, NDArray b, double scale, int groups) {
    var call = module().call(scope, "surrogate").with((long) groups).with((long) x.dimension());
    call.with(scale).with(x.tensor()).with(x.groupOf()).with(a).with(b);
    return first(call.run());
  }

  /**
   * {@code average ← decay·average + (1 − decay)·Σ part/‖part‖} in place; an all-zero part adds
   * nothing.
   *
   * @param average (groups,)
   * @param parts (groups,) each
   */
  public static void average(NDArray average, List<NDArray> parts, double decay) {
    var call = module().call(average, "average").with(average).with(decay);
    call.with(parts).run().close();
  }

  /** {@code x_g ← factor_g · x_g} in place; {@code factors} (groups,) float32. */
  public static void scale(List<GroupedTensor> x, NDArray factors) {
    update("scale", x, factors).run().close();
  }

  /** {@code x_g ← 0} in place where {@code mask} (groups,) float32 is 1, not 0. */
  public static void zero(List<GroupedTensor> x, NDArray mask) {
    update("zero", x, mask).run().close();
  }

  /** {@code x_g ← y_g} in place where {@code mask} (groups,) float32 is 1, not 0. */
  public static void copy(List<GroupedTensor> x, List<NDArray> y, NDArray mask) {
    update("copy", x, mask).with(y).run().close();
  }

  private static TorchModule.Call update(String method, List<GroupedTensor> x, NDArray values) {
    var call = module().call(values, method).with(values);
    return dimensions(call, x).with(tensors(x)).with(owners(x));
  }

  /**
   * {@code x ← x + s·diag(rows)·B·A} in place.
   *
   * @param rows (out,) float32 for each of {@code x}: 1 for rows that the product is added to, else
   *     0
   */
  public static void fold(
      List<NDArray> x, List<NDArray> a, List<NDArray> b, List<NDArray> rows, double scale) {
    var call = module().call(x.get(0), "fold").with(scale);
    call.with(x).with(a).with(b).with(rows).run().close();
  }

  private static TorchModule.Call dimensions(TorchModule.Call call, List<GroupedTensor> x) {
    return call.with(x.stream().mapToLong(GroupedTensor::dimension).toArray());
  }

  private static List<NDArray> tensors(List<GroupedTensor> x) {
    return x.stream().map(GroupedTensor::tensor).toList();
  }

  private static List<NDArray> owners(List<GroupedTensor> x) {
    return x.stream().map(GroupedTensor::groupOf).toList();
  }

  private static NDArray first(NDList results) {
    return results.get(0);
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
