package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.RotaryTable;
import io.lorashear.graph.Sought;
import java.util.stream.Collectors;

/**
 * The methods that callers use, built on {@code body} and {@code head} of {@link TorchCompiler}.
 * Only {@code logits} ever holds the logits of all positions; the others compute them for {@code
 * CHUNK} positions at a time.
 */
final class EntryPoints {
  private static final String TEXT =
      """
        def logits(self: __torch__.M,
          ids: Tensor,
      DECLARED    w: List[Tensor]) -> Tensor:
          return self.head(self.body(ids PASSED, w), w)
        def logits_at(self: __torch__.M,
          ids: Tensor,
          positions: Tensor,
      DECLARED    w: List[Tensor]) -> Tensor:
          rows = torch.arange(torch.size(ids, 0), device=ids.device)
          h = torch.flatten(self.body(ids PASSED, w), 0, 1)
          return self.head(torch.index_select(h, 0, rows * torch.size(ids, 1) + positions), w)
        def token_losses(self: __torch__.M,
          ids: Tensor,
      DECLARED    w: List[Tensor]) -> Tensor:
          h = torch.flatten(self.body(torch.slice(ids, 1, 0, -1) SHORTER, w), 0, 1)
          y = torch.flatten(torch.slice(ids, 1, 1))
          l = annotate(List[Tensor], [])
          for i in range(0, torch.len(y), CHUNK):
            z = self.head(torch.slice(h, 0, i, i + CHUNK), w)
            l = torch.append(l, torch.cross_entropy_loss(z, torch.slice(y, 0, i, i + CHUNK), None, 0))
          return torch.view(torch.cat(l), [torch.size(ids, 0), -1])
        def token_predictions(self: __torch__.M,
          ids: Tensor,
          top: Tensor,
      DECLARED    w: List[Tensor]) -> List[Tensor]:
          h = torch.flatten(self.body(torch.slice(ids, 1, 0, -1) SHORTER, w), 0, 1)
          y = torch.flatten(torch.slice(ids, 1, 1))
          l = annotate(List[Tensor], [])
          t = annotate(List[Tensor], [])
          p = annotate(List[Tensor], [])
          r = annotate(List[Tensor], [])
          for i in range(0, torch.len(y), CHUNK):
            z = self.head(torch.slice(h, 0, i, i + CHUNK), w)
            l = torch.append(l, torch.cross_entropy_loss(z, torch.slice(y, 0, i, i + CHUNK), None, 0))
            d = torch.log_softmax(z, -1)
            v, k = torch.topk(d, int(top), -1, True, True)
            t = torch.append(t, torch.to(k, 3))
            p = torch.append(p, v)
            d = torch.scatter_(torch.exp_(d), 1, k, 0.)
            r = torch.append(r, torch.log(torch.sum(d, [-1])))
          return [torch.cat(l), torch.cat(t), torch.cat(p), torch.cat(r)]
        def token_scores(self: __torch__.M,
          ids: Tensor,
      DECLARED    w: List[Tensor]) -> List[Tensor]:
          h = torch.flatten(self.body(torch.slice(ids, 1, 0, -1) SHORTER, w), 0, 1)
          y = torch.flatten(torch.slice(ids, 1, 1))
          l = annotate(List[Tensor], [])
          g = annotate(List[Tensor], [])
          for i in range(0, torch.len(y), CHUNK):
            z = self.head(torch.slice(h, 0, i, i + CHUNK), w)
            t = torch.slice(y, 0, i, i + CHUNK)
            l = torch.append(l, torch.cross_entropy_loss(z, t, None, 0))
            g = torch.append(g, torch.eq(torch.argmax(z, -1), t))
          b = torch.size(ids, 0)
          return [torch.view(torch.cat(l), [b, -1]), torch.view(torch.cat(g), [b, -1])]
      """;

  private static final String GRADIENT =
      """
        def loss_gradient(self: __torch__.M,
          h: Tensor,
          ids: Tensor,
          mask: Tensor,
          weight: Tensor,
          soft: List[Tensor],
          w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          x = torch.flatten(torch.detach(h), 0, 1)
          m = torch.constant_pad_nd(torch.slice(mask, 1, 1), [0, 1])
          p = torch.view(torch.nonzero(torch.flatten(m)), [-1])
          y = torch.index_select(torch.flatten(ids), 0, torch.remainder(p + 1, torch.numel(ids)))
          n = torch.len(p)
          g = torch.zeros_like(x)
          total = torch.zeros([], device=x.device)
          for i in range(0, n, CHUNK):
            q = torch.slice(p, 0, i, i + CHUNK)
            leaf = torch.requires_grad_(torch.index_select(x, 0, q))
            z = self.head(leaf, w)
            o = torch.detach(z)
            c = torch.unsqueeze(torch.slice(y, 0, i, i + CHUNK), 1)
            if torch.gt(torch.len(soft), 1):
              d = torch.log_softmax(o, -1)
              total = total + self.soften(d, c, q, soft) / n
            else:
              d = torch.softmax(o, -1)
              s = torch.amax(o, [-1], True) - torch.log(torch.amax(d, [-1], True)) # log Σ exp z
              total = total + torch.sum(s - torch.gather(o, 1, c)) / n
              k = torch.scatter_add_(d, 1, c, torch.full_like(torch.to(c, 6), -1.))
            d = torch.mul_(d, weight / n)
            torch.backward(z, d)
            k = torch.index_copy_(g, 0, q, leaf.grad)
          return (total, torch.view_as(g, h))
      """;

  private static final String TREE =
      """
        def tree_scores(self: __torch__.M,
          ids: Tensor,
          positions: Tensor,
          ends: Tensor,
          rows: Tensor,
          asked: Tensor,
          targets: Tensor,
          w: List[Tensor]) -> List[Tensor]:
          h = torch.flatten(self.body(ids, positions, ends, w), 0, 1)
          h = torch.index_select(h, 0, rows)
          l = torch.zeros([torch.len(asked)], dtype=6, device=ids.device)
          g = torch.zeros_like(asked)
          for i in range(0, torch.len(rows), CHUNK):
            z = self.head(torch.slice(h, 0, i, i + CHUNK), w)
            k = torch.logical_and(torch.ge(asked, i), torch.lt(asked, i + CHUNK))
            k = torch.view(torch.nonzero(k), [-1])
            r = torch.index_select(asked, 0, k) - i
            y = torch.index_select(targets, 0, k)
            s = torch.flatten(torch.log_softmax(z, -1)) # logsumexp is 2e-5 off
            c = torch.index_copy_(l, 0, k, torch.index_select(s, 0, r * torch.size(z, 1) + y))
            b = torch.eq(torch.index_select(torch.argmax(z, -1), 0, r), y)
            c = torch.index_copy_(g, 0, k, torch.to(b, 4))
          return [l, g]
      """;

  private static final String CONTINUED =
      """
        def continued(self: __torch__.M,
          ids: Tensor,
          past: List[Tensor],
          w: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
          before = 0
          all = ids
          if torch.gt(torch.len(past), 0):
            before = torch.size(past[0], 1)
            all = torch.cat([past[0], ids], 1)
          else:
            pass
          anew = torch.ne(torch.len(past), KEPT)
          for turn in annotate(List[int], [TURNS]):
            if torch.le(before, turn):
              if torch.gt(torch.size(all, 1), turn):
                anew = True
              else:
                pass
            else:
              pass
          c = past[1:]
          if anew:
            before = 0
            ids = all
            c = annotate(List[Tensor], [])
            for i in range(1, KEPT):
              c = torch.append(c, torch.zeros([0], device=ids.device))
          else:
            pass
          h = torch.slice(self.continued_body(ids, before, c, w), 1, -1)
          return (self.head(h, w), torch.add([all], c))
      """;

  private EntryPoints() {}

  /** The methods for tokens in rows, with one document per row or several packed ones. */
  static String rows(ModelGraph graph, Arrangement arrangement, Chunk held) {
    boolean packed = arrangement == Arrangement.PACKED;
    return chunked(TEXT, graph, held)
        .replace("DECLARED", arrangement.declared.isEmpty() ? "" : arrangement.declared)
        .replace(" PASSED", arrangement.passed)
        .replace(" SHORTER", packed ? ", torch.slice(starts, 1, 0, -1)" : "");
  }

  /** The method that returns the loss and its gradient with respect to the head's input. */
  static String gradient(ModelGraph graph, Chunk held) {
    return chunked(SoftLoss.TEXT + GRADIENT, graph, held);
  }

  /** The method for tokens in a tree. */
  static String tree(ModelGraph graph, Chunk held) {
    return chunked(TREE, graph, held);
  }

  /**
   * The method for rows that continue where an earlier call ended: ids (B, T) and past → logits
   * after the last id, (B, 1, vocabulary), and the new past.
   *
   * <pre>
   *   past    [] or [ids seen (B, N), keys, values of the first attention, of the second, …]
   * </pre>
   *
   * Where the cached keys were rotated by other frequencies than the longer text needs, or nothing
   * is cached, all ids are processed again; see {@link RotaryTable}.
   */
  static String continued(ModelGraph graph, Memory memory) {
    int attentions = Sought.ATTENTION.in(graph).size();
    var turns =
        Sought.ROTARY.in(graph).stream()
            .map(rotary -> rotary.operator().table())
            .filter(RotaryTable::changes)
            .map(table -> Integer.toString(table.length()))
            .distinct()
            .collect(Collectors.joining(", "));
    return (memory.methods() + CONTINUED)
        .replace("KEPT", Integer.toString(1 + 2 * attentions))
        .replace("TURNS", turns);
  }

  private static String chunked(String text, ModelGraph graph, Chunk held) {
    return text.replace("CHUNK", Integer.toString(held.logitRows(graph)));
  }
}
