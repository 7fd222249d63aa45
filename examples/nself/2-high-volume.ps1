# Track 1000 API requests: the queue takes them, and the background sends them
1..1000 | ForEach-Object { Add-UsageRecord api 1 @{ endpoint = '/test'; i = $_ } }

# Wait until all of them are stored
Invoke-UsageFlush
