/**
 * Knowledge of groups that go, carried over in closed form to what stays. In: a running model,
 * rows, the groups that leave. Out: updates of the matrices that read them. The paper leaves it to
 * LoRA's training alone (arXiv 2310.18356, section 3.3); the form is that of SparseGPT
 * (2301.00774).
 */
@org.jspecify.annotations.NullMarked
package io.lorashear.compensate;
