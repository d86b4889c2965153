/**
 * The claim and the certificate.
 *
 * Markup:
 *   <input type="hidden" data-zone>   takes the browser's time zone: the day of completion is the learner's
 *   <a href="…" data-print>           prints the page; without JavaScript it opens the PDF instead
 */

for (const field of document.querySelectorAll("[data-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

for (const link of document.querySelectorAll("[data-print]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.print();
  });
}
