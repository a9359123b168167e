package io.lorashear.spark.source.wikitext;

import io.lorashear.spark.source.wikitext.template.Chemistry;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Converts a TeX formula that can be written as a line of characters: variables, numbers,
 * operators, superscripts and subscripts. Any other formula leaves nothing, like a picture.
 */
final class Formula {
  private static final int LONGEST = 200;
  private static final Pattern PLAIN_SUBSTANCE =
      Pattern.compile("[A-Za-z0-9()\\[\\]+ −>*=-]{1,80}");
  private static final Map<String, String> SIGNS =
      Map.ofEntries(
          Map.entry("alpha", "α"),
          Map.entry("beta", "β"),
          Map.entry("gamma", "γ"),
          Map.entry("delta", "δ"),
          Map.entry("epsilon", "ε"),
          Map.entry("varepsilon", "ε"),
          Map.entry("zeta", "ζ"),
          Map.entry("eta", "η"),
          Map.entry("theta", "θ"),
          Map.entry("kappa", "κ"),
          Map.entry("lambda", "λ"),
          Map.entry("mu", "μ"),
          Map.entry("nu", "ν"),
          Map.entry("xi", "ξ"),
          Map.entry("pi", "π"),
          Map.entry("rho", "ρ"),
          Map.entry("sigma", "σ"),
          Map.entry("tau", "τ"),
          Map.entry("phi", "φ"),
          Map.entry("varphi", "φ"),
          Map.entry("chi", "χ"),
          Map.entry("psi", "ψ"),
          Map.entry("omega", "ω"),
          Map.entry("Gamma", "Γ"),
          Map.entry("Delta", "Δ"),
          Map.entry("Theta", "Θ"),
          Map.entry("Lambda", "Λ"),
          Map.entry("Pi", "Π"),
          Map.entry("Sigma", "Σ"),
          Map.entry("Phi", "Φ"),
          Map.entry("Psi", "Ψ"),
          Map.entry("Omega", "Ω"),
          Map.entry("times", " × "),
          Map.entry("cdot", "·"),
          Map.entry("pm", "±"),
          Map.entry("le", " ≤ "),
          Map.entry("leq", " ≤ "),
          Map.entry("ge", " ≥ "),
          Map.entry("geq", " ≥ "),
          Map.entry("ne", " ≠ "),
          Map.entry("neq", " ≠ "),
          Map.entry("approx", " ≈ "),
          Map.entry("in", " ∈ "),
          Map.entry("to", " → "),
          Map.entry("rightarrow", " → "),
          Map.entry("infty", "∞"),
          Map.entry("partial", "∂"),
          Map.entry("circ", "°"),
          Map.entry("ell", "ℓ"),
          Map.entry("hbar", "ħ"),
          Map.entry("ldots", "…"),
          Map.entry("dots", "…"),
          Map.entry("%", "%"),
          Map.entry(",", " "),
          Map.entry(";", " "),
          Map.entry(" ", " "),
          Map.entry("!", ""),
          Map.entry("quad", " "));

  private final String tex;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private boolean plain = true;

  private Formula(String tex) {
    this.tex = tex;
  }

  /** The formula as plain wikitext, or empty. */
  static String text(String tex) {
    var formula = new Formula(tex.strip());
    if (formula.tex.length() > LONGEST) {
      return "";
    }
    while (formula.plain && formula.at < formula.tex.length()) {
      formula.step();
    }
    return formula.plain ? formula.out.toString() : "";
  }

  /** The same for a chemical formula, such as {@code SO4^2-}. */
  static String substance(String typed) {
    return PLAIN_SUBSTANCE.matcher(typed.strip()).matches() ? Chemistry.typed(typed.strip()) : "";
  }

  private void step() {
    var c = tex.charAt(at++);
    switch (c) {
      case '\\' -> out.append(sign());
      case '^' -> script(Marks.SUPERSCRIPT);
      case '_' -> script(Marks.SUBSCRIPT);
      case '{', '}', '&', '#', '$', '~' -> plain = false;
      case '=', '<', '>' -> operator(c);
      case '\'' -> out.append('′');
      default -> out.append(Character.isWhitespace(c) ? ' ' : c);
    }
  }

  private void operator(char c) {
    var end = out.length();
    var follows = end > 1 && "=<>".indexOf(out.charAt(end - 2)) >= 0 && out.charAt(end - 1) == ' ';
    out.setLength(follows ? end - 1 : end);
    out.append(follows ? "" : " ").append(c).append(' ');
  }

  private String sign() {
    var end = at;
    while (end < tex.length() && Character.isLetter(tex.charAt(end))) {
      end++;
    }
    end = Math.min(Math.max(end, at + 1), tex.length());
    var sign = SIGNS.get(tex.substring(at, end));
    plain = sign != null;
    at = end;
    return sign == null ? "" : sign;
  }

  /**
   * Reads a superscript or subscript: one character, one sign, or a group in braces without nested
   * braces.
   */
  private void script(char mark) {
    out.append(mark);
    if (at < tex.length() && tex.charAt(at) == '{') {
      var close = tex.indexOf('}', at);
      var until = close < 0 ? tex.length() : close;
      for (at++; plain && at < until; ) {
        step();
      }
      at++;
    } else if (at < tex.length()) {
      step();
    }
    out.append(Marks.END_OF_SCRIPT);
  }
}
