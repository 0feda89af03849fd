"""What a sender newly wrote: without quotation, signature and closing formula."""
