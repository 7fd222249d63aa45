BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageRecord on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            @(
                'acme,api,2,2026-01-15T12:00:00Z,"{""endpoint"":""/b"",""n"":1.5}",'
                'acme,storage,3,2026-01-15T12:00:00Z,{},', 'acme,api,4,2026-01-15T12:00:00.000001Z,{},key 4'
                'acme,api,5,2026-01-14T23:59:59.999999Z,{},', 'acme,compute,6,2026-01-16T00:00:00Z,{},'
                'beta,api,7,2026-01-15T18:00:00Z,{},'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp, Metadata, EventKey | Add-UsageRecord
            $script:day = @{ Start = '2026-01-15'; End = '2026-01-15' }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'lists records by timestamp, then id, descending' {
            (Get-UsageRecord -Start 2026-01).Quantity | Should -Be 6, 4, 3, 2, 5
            (Get-UsageRecord -Start 2026-01 -CustomerId *).Quantity | Should -Be 6, 7, 4, 3, 2, 5
        }

        It 'has every property' {
            $record = Get-UsageRecord api @day | Where-Object Quantity -EQ 2
            $record.CustomerId, $record.Service, $record.UnitCost, $record.TotalCost | Should -Be 'acme', 'api', 0.0001, 0.0002
            $record.Timestamp.ToString('o') | Should -Be '2026-01-15T12:00:00.0000000+00:00'
            ([datetimeoffset]::UtcNow - $record.ReceivedAt).Duration().TotalMinutes | Should -BeLessThan 5
            $record.EventKey | Should -BeNullOrEmpty
            "$($record.Id)" | Should -Be (Invoke-Sql $store "select usage_id from billing_usage_records where quantity = '2'")
            (Get-UsageRecord api @day -First 1).EventKey | Should -Be 'key 4'
        }

        It 'has metadata with properties, whose text is compact JSON' {
            $metadata = (Get-UsageRecord api @day | Where-Object Quantity -EQ 2).Metadata
            $metadata.endpoint | Should -Be '/b'
            $metadata.n | Should -Be 1.5
            $metadata.none | Should -BeNullOrEmpty
            "$metadata" | Should -BeExactly '{"endpoint":"/b","n":1.5}'
        }

        It 'has metadata whose keys differ in case only, at any depth' {
            Add-UsageRecord api 1 '{"a":{"X":1,"x":2}}' -CustomerId odd
            "$((Get-UsageRecord -CustomerId odd).Metadata)" | Should -BeExactly '{"a":{"X":1,"x":2}}'
        }

        It 'is half-open between instants, and takes whole days and months' {
            (Get-UsageRecord @day).Quantity | Should -Be 4, 3, 2
            (Get-UsageRecord -Start '2026-01-15 12:00:00.000001' -End '2026-01-16 00:00').Quantity | Should -Be 4
            (Get-UsageRecord -From '2026-01-14 23:59:59.999999' -To '2026-01-15 12:00').Quantity | Should -Be 5
            (Get-UsageRecord -Start 2026-01 -End 2026-01 | Measure-Object).Count | Should -Be 5
        }

        It 'shows times, and cuts days, in -TimeZone' {
            # Midnight of 15 January in Tokyo is 15:00 UTC of the 14th.
            $records = Get-UsageRecord @day -TimeZone Asia/Tokyo
            $records.Quantity | Should -Be 4, 3, 2, 5
            $records[3].Timestamp.ToString('o') | Should -Be '2026-01-15T08:59:59.9999990+09:00'
        }

        It 'stops after -First' {
            (Get-UsageRecord -Start 2026-01 -First 2).Quantity | Should -Be 6, 4
            (Get-UsageRecord -Start 2026-01 | Select-Object -First 2).Quantity | Should -Be 6, 4
            { Get-UsageRecord -First 0 } | Should -Throw
        }

        It 'is about the last 30 days by default' {
            $now = [datetimeoffset]::UtcNow
            $today = [datetimeoffset]::new($now.UtcDateTime.Date, [timespan]::Zero)
            # 30 complete days and today; a record may be up to a day ahead.
            $today.AddDays(-30).AddSeconds(-1), $today.AddDays(-30), $now, $now.AddHours(23) |
                ForEach-Object { @{ Service = 'api'; Timestamp = $_; CustomerId = 'recent' } } | Add-UsageRecord
            (Get-UsageRecord -CustomerId recent | Measure-Object).Count | Should -Be 3
        }

        It 'takes services and customers by position, wildcard and name' {
            (Get-UsageRecord s*, compute 2026-01-15 2026-01-16).Quantity | Should -Be 6, 3
            (Get-UsageRecord -CustomerId b*, acme @day).Quantity | Should -Be 7, 4, 3, 2
            { Get-UsageRecord nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Get-UsageRecord -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'takes what Get-Usage writes: the records behind each figure' {
            $usage = Get-Usage -CustomerId acme, beta @day
            ($usage | Get-UsageRecord).Quantity | Should -Be 4, 2, 3, 7
            ($usage | Where-Object Events -GT 0 | ForEach-Object { ($_ | Get-UsageRecord | Measure-Object Quantity -Sum).Sum }) |
                Should -Be ($usage | Where-Object Events -GT 0).Quantity
        }

        It 'reads what was just added' {
            Add-UsageRecord api 42 -CustomerId fresh
            (Get-UsageRecord -CustomerId fresh).Quantity | Should -Be 42
        }

        It 'becomes JSON with numbers as numbers and metadata as an object, and CSV with its text' {
            $record = Get-UsageRecord api @day | Where-Object Quantity -EQ 2
            $json = $record | ConvertTo-Json | ConvertFrom-Json
            $json.Quantity, $json.TotalCost, $json.Metadata.n | Should -Be 2, 0.0002, 1.5
            $json.Metadata.endpoint | Should -Be '/b'
            ($record | ConvertTo-Csv | ConvertFrom-Csv).Metadata | Should -BeExactly '{"endpoint":"/b","n":1.5}'
        }
    }
}

Describe 'Ctrl-C during a long read' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        $script:store = New-TestStore -Kind PostgreSql
        Add-UsageApiRequest /a -Timestamp 2026-01-01
        $null = Invoke-UsageFlush
        # Far more than the buffers between server and session hold.
        $null = Invoke-Psql $store @'
            insert into billing_usage_records (customer_id, service_name, metadata, recorded_at, aggregated)
            select 'default', 'api', jsonb_build_object('text', repeat('x', 200)), timestamptz '2026-01-01 01:00Z' + i * interval '1 second', true
            from generate_series(1, 300000) i
'@
        function Get-ServerState { Invoke-Psql $store "select state from pg_stat_activity where datname = '$($store.Name)' and query like '%billing_usage_records%' and pid <> pg_backend_pid() and state <> 'idle'" }

        # What Ctrl-C does to a pipeline in the console, Stop does to one of another runspace.
        function Measure-Stop([string] $Script, [scriptblock] $Until) {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'; $Script")
                $out = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $null = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $out)
                $deadline = [datetime]::UtcNow.AddSeconds(20)
                while (-not (& $Until) -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 50 }
                & $Until | Should -BeTrue -Because 'the read is to be under way'
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.Elapsed.TotalSeconds
                $shell.Streams.Error | Should -BeNullOrEmpty
            }
            finally { $shell.Dispose() }
        }

        # A read that is quicker than the lock would not wait for it.
        function Wait-Lock {
            $held = "select count(*) > 0 from pg_locks where relation = 'billing_usage_records'::regclass and mode = 'AccessExclusiveLock' and granted"
            $deadline = [datetime]::UtcNow.AddSeconds(20)
            while ('t' -ne (Invoke-Psql $store $held) -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 }
        }

        function Wait-ServerIdle {
            $deadline = [datetime]::UtcNow.AddSeconds(5)
            while ((Get-ServerState) -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 50 }
            Get-ServerState
        }
    }
    AfterAll { Remove-TestStore $store }

    It 'stops the query on the server within a second while rows are coming' {
        $seconds = Measure-Stop 'Get-UsageRecord -Start 2026-01-01 | ForEach-Object { Start-Sleep -Milliseconds 20 }' { (Get-ServerState) -eq 'active' }
        $seconds | Should -BeLessThan 1
        Wait-ServerIdle | Should -BeNullOrEmpty
    }

    It 'stops the query on the server within a second before the first row: <Script>' -ForEach @(
        @{ Script = 'Get-UsageRecord -Start 2026-01-01' }
        @{ Script = 'Measure-Usage -Start 2026-01-01 -GroupBy text' }
        @{ Script = 'Compare-Usage' }
    ) {
        # The table is locked, so the query waits in the server.
        $connection, $common = $store.ConnectionString, "$PSScriptRoot/Common.ps1"
        $psql = Start-ThreadJob {
            . $using:common
            Invoke-Psql $using:connection 'begin; lock table billing_usage_records in access exclusive mode; select pg_sleep(30); commit'
        }
        try {
            Wait-Lock
            $seconds = Measure-Stop $Script {
                '1' -eq (Invoke-Psql $store "select count(*) from pg_stat_activity where datname = '$($store.Name)' and wait_event_type = 'Lock'")
            }
            $seconds | Should -BeLessThan 1
            $deadline = [datetime]::UtcNow.AddSeconds(5)
            $waiting = "select count(*) from pg_stat_activity where datname = '$($store.Name)' and wait_event_type = 'Lock'"
            while ('0' -ne (Invoke-Psql $store $waiting) -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 50 }
            Invoke-Psql $store $waiting | Should -Be '0'
        }
        finally {
            $null = Invoke-Psql $store "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$($store.Name)' and query like 'begin; lock table%'"
            Remove-Job $psql -Force
        }
    }

    It 'shows that what takes more than a second goes on' {
        $connection, $common = $store.ConnectionString, "$PSScriptRoot/Common.ps1"
        $psql = Start-ThreadJob {
            . $using:common
            Invoke-Psql $using:connection 'begin; lock table billing_usage_records in access exclusive mode; select pg_sleep(2.5); commit'
        }
        $shell = [powershell]::Create().AddScript("Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'; Get-UsageRecord -Start 2026-01-01 -First 1")
        try {
            while (-not (Invoke-Psql $store "select 1 from pg_stat_activity where datname = '$($store.Name)' and wait_event = 'PgSleep'")) { Start-Sleep -Milliseconds 50 }
            $shell.Invoke().Count | Should -Be 1
            $waits = $shell.Streams.Progress | Where-Object Activity -EQ Get-UsageRecord
            $waits[0].StatusDescription | Should -Be 'Waiting for the store, 1 s'
            $waits.Count | Should -BeIn (2..9) # at most five times a second
            $waits[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Dispose()
            $null = $psql | Receive-Job -Wait -AutoRemoveJob
        }
    }

    It 'lets the session go on, and does not wait for rows that nobody wants' {
        $seconds = (Measure-Command { Get-UsageRecord -Start 2026-01-01 | Select-Object -First 3 }).TotalSeconds
        $seconds | Should -BeLessThan 2
        (Get-UsageRecord -Start 2026-01-01 -First 3).Count | Should -Be 3
        Wait-ServerIdle | Should -BeNullOrEmpty
    }
}
