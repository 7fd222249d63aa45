# How fast usage gets from objects into committed rows.

function Measure-Ingest {
    $table = 'customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated'
    $target = Open-BenchDatabase "$prefix`_ingest"
    $total = "SELECT count(*) FROM billing_usage_records"

    # Once through the front door; then the same rows as files for psql, and as a file for us.
    $files = @{ day = 1; month = 30 }
    foreach ($name in @($files.Keys)) {
        Clear-BenchTable $target
        [UsageTracking.Bench.Events]::Make($Rows, $files.$name, 3, 'customer-') | Add-UsageRecord
        $null = Invoke-UsageFlush -Timeout 600
        $null = Invoke-Psql $target "\copy (SELECT $table FROM billing_usage_records) TO '$work/$name.bin' (FORMAT BINARY)"
    }
    $null = Invoke-Psql $target "\copy (SELECT $table FROM billing_usage_records) TO '$work/rows.csv' (FORMAT CSV)"
    $null = Export-Usage "$work/usage.csv" -CustomerId * -Force
    $statements = [System.IO.StreamWriter]::new("$work/inserts.sql")
    foreach ($i in 1..$Inserts) {
        $statements.WriteLine("INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at) VALUES ('customer-1', 'api', 1, 0.0001, '{`"endpoint`":`"/api/users/$i`"}', now());")
    }
    $statements.Dispose()

    $stored = {
        param([scriptblock] $Add)
        Clear-BenchTable $target
        $seconds = Measure-Duration { . $Add; $script:flush = Invoke-UsageFlush -Timeout 600 }
        if ($script:flush.Remaining -or [long] (Invoke-Psql $target $total) -ne $Rows) { throw "Not everything was stored: $(Invoke-Psql $target $total) of $Rows." }
        $seconds
    }
    $copied = {
        param([string] $Command)
        Clear-BenchTable $target
        Measure-Duration { Invoke-Psql $target $Command }
    }

    $result = Invoke-Run 'Ingest' $Runs {
        @{
            Copy = & $copied "\copy billing_usage_records ($table) FROM '$work/day.bin' (FORMAT BINARY)"
            Typed = & $stored { [UsageTracking.Bench.Events]::Make($Rows, 1, 3, 'customer-') | Add-UsageRecord }
            MonthCopy = & $copied "\copy billing_usage_records ($table) FROM '$work/month.bin' (FORMAT BINARY)"
            Month = & $stored { [UsageTracking.Bench.Events]::Make($Rows, 30, 3, 'customer-') | Add-UsageRecord }
            CopyCsv = & $copied "\copy billing_usage_records ($table) FROM '$work/rows.csv' (FORMAT CSV)"
            Import = & $stored { Import-UsageRecord "$work/usage.csv" -CustomerId customer-1 }
            Insert = (Measure-Duration { Invoke-Psql $target -File "$work/inserts.sql" }) * $Rows / $Inserts
            Call = (Measure-Duration { foreach ($i in 1..$Calls) { Add-UsageRecord api 1 }; $null = Invoke-UsageFlush -Timeout 600 }) * $Rows / $Calls
            Empty = (Measure-Duration { foreach ($i in 1..$Calls) { Test-EmptyCmdlet api 1 } }) * $Rows / $Calls
        }
    }
    # A run of their own: hundreds of megabytes of objects in the session's memory slow everything.
    $objects = foreach ($row in [UsageTracking.Bench.Events]::Make($Rows, 1, 3, 'customer-')) {
        [pscustomobject]@{ CustomerId = $row.CustomerId; Service = $row.Service; Quantity = $row.Quantity; Timestamp = $row.Timestamp; Metadata = $row.Metadata }
    }
    $custom = Invoke-Run 'Ingest of custom objects' $Runs {
        @{
            Copy = & $copied "\copy billing_usage_records ($table) FROM '$work/day.bin' (FORMAT BINARY)"
            Objects = & $stored { $objects | Add-UsageRecord }
        }
    }
    Write-Table 'Into PostgreSQL' 'Records/s' @(
        Get-Line 'psql \copy binary' $result Copy -Count $Rows
        Get-Line 'objects of a class | Add-UsageRecord, and flushed' $result Typed Copy 'psql \copy binary' -Count $Rows
        Get-Line 'the same, spread over 30 days' $result Month MonthCopy 'psql \copy binary' -Count $Rows
        Get-Line '[pscustomobject]s | Add-UsageRecord, and flushed' $custom Objects Copy 'psql \copy binary' -Count $Rows
        Get-Line 'Import-UsageRecord of a CSV file, and flushed' $result Import CopyCsv 'psql \copy csv' -Count $Rows
        Get-Line 'Add-UsageRecord, one call a record, and flushed' $result Call Insert 'psql, one INSERT a row' -Count $Rows
        Get-Line 'Add-UsageRecord, one call a record, and flushed' $result Call Empty 'an empty cmdlet' -Count $Rows
    ) @"
$(Format-Number $Rows) records of one day a run, into the same table; from the first object to the last row committed. psql writes rows only.
We also stamp prices, keep the queue's position and add to the buckets that reports read, in the same transaction: records that
share a bucket (customer, service and quarter hour) cost less than those that are spread.
"@
}

function Measure-IngestSqlite {
    $file = "$work/sqlite/usage.db"
    $null = New-Item -ItemType Directory "$work/sqlite"
    $result = Invoke-Run 'Ingest into SQLite' $Runs {
        Disconnect-UsageStore
        Remove-Item "$work/sqlite/*"
        Connect-UsageStore $file
        $null = Initialize-UsageStore -Confirm:$false
        $typed = Measure-Duration { [UsageTracking.Bench.Events]::Make($Rows, 1, 3, 'customer-') | Add-UsageRecord; $script:flush = Invoke-UsageFlush -Timeout 600 }
        if ($script:flush.Remaining) { throw 'Not everything was stored.' }
        Disconnect-UsageStore
        Connect-UsageStore "$work/sqlite/peer.db"
        $null = Initialize-UsageStore -Confirm:$false
        @{ Typed = $typed; Insert = $sqlitePeer::Insert($file, "$work/sqlite/peer.db", 25000) }
    }
    Write-Table 'Into SQLite' 'Records/s' @(
        Get-Line 'prepared inserts in a C# loop, 25,000 a transaction' $result Insert -Count $Rows
        Get-Line 'objects of a class | Add-UsageRecord, and flushed' $result Typed Insert 'the bare loop' -Count $Rows
    ) 'The loop has its values ready in memory, and inserts rows only.'
}

function Measure-Flush {
    $target = Open-BenchDatabase "$prefix`_flush"
    $table = 'customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated'
    # The queue waits for the flush.
    Set-UsageOption -BatchSize 1000000 -BatchTimeout 3600
    $lines = foreach ($size in 100, 1000, 10000) {
        $rounds = [Math]::Max(5, 3000 / $size)
        [UsageTracking.Bench.Events]::Make($size, 0.01, 3, 'customer-') | Add-UsageRecord
        $null = Invoke-UsageFlush
        $null = Invoke-Psql $target "\copy (SELECT $table FROM billing_usage_records ORDER BY usage_id DESC LIMIT $size) TO '$work/batch.bin' (FORMAT BINARY)"
        @("\copy billing_usage_records ($table) FROM '$work/batch.bin' (FORMAT BINARY)") * $rounds | Set-Content "$work/batch.sql"
        Set-Content "$work/nothing.sql" ''
        $result = Invoke-Run "Flush of $size" $Runs {
            Clear-BenchTable $target
            $flush = 0.0
            foreach ($round in 1..$rounds) {
                [UsageTracking.Bench.Events]::Make($size, 0.01, 3, 'customer-') | Add-UsageRecord
                $flush += Measure-Duration { Invoke-UsageFlush }
            }
            Clear-BenchTable $target
            # Without what it takes to start psql.
            $copy = (Measure-Duration { Invoke-Psql $target -File "$work/batch.sql" }) - (Measure-Duration { Invoke-Psql $target -File "$work/nothing.sql" })
            @{ Flush = $flush / $rounds; Copy = $copy / $rounds }
        }
        Get-Line "Invoke-UsageFlush of $(Format-Number $size)" $result Flush Copy 'psql \copy binary of as many' -Seconds
    }
    Write-Table 'A flush' 'Time' $lines 'What waits in the queue is stored; the records were added before.'
    Set-UsageOption -BatchSize 100 -BatchTimeout 5
}
