"""Files 文件: what people upload, checked, stored under random keys, and given only to whom their owner shows them."""
