BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $tools = -not ('jq', 'zcat', 'sha256sum', 'python3' | Where-Object { -not (Get-Command $_ -ErrorAction Ignore) })
}
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # What reports say of a customer, each number with all its digits.
    function Get-Figure([string] $CustomerId) {
        $january = @{ CustomerId = $CustomerId; Start = '2026-01'; End = '2026-01' }
        [ordered]@{
            Usage   = Get-Usage @january | Select-Object Service, Quantity, Cost, Events
            Detail  = Get-Usage @january -Detailed | Where-Object Events | Select-Object Date, Service, Quantity, Cost, Events
            Measure = Measure-Usage Hourly @january | Select-Object Period, Service, EventCount, TotalQuantity, TotalCost, MinimumQuantity, MaximumQuantity
            Peak    = Get-UsagePeak -Period Daily @january | Select-Object Period, Service, TotalUsage
            Trend   = Get-UsageTrend * 400 -CustomerId $CustomerId | Where-Object DailyTotal | Select-Object Date, Service, DailyTotal, PreviousDay, PercentChange
            Quota   = Get-UsageQuota -CustomerId $CustomerId | Select-Object Used, Limit, Percent, Level
        } | ConvertTo-Json -Depth 5
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Invoke-UsageArchive on $($kind.Kind)" -ForEach ($kind + @{ Tools = $tools }) -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:folder = (New-Item -ItemType Directory "$TestDrive/$Kind").FullName
            $script:count = 0

            function Get-Row([string] $CustomerId) { [int] (Invoke-Sql $store "select count(*) from billing_usage_records where customer_id = '$CustomerId'") }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            # Each test has a customer of its own, with three records of January.
            $script:count++
            $script:me = "c$count"
            Connect-UsageStore @address -CustomerId $me
            $script:nasty = @{ text = "a `"quoted`", 'b'; c:d`nline ü 😀"; formula = '=1+1'; path = '\n' }
            Add-UsageRecord api 1 @{ endpoint = '/users' } -Timestamp '2026-01-30 16:45:23'
            Add-UsageRecord storage 100.5 $nasty -Timestamp '2026-01-31 23:59:59.999999' -EventKey '\k,1'
            Add-UsageRecord compute '1234567890.123456789012345678' -Timestamp '2026-01-30 16:46' -UnitCost 1
            $null = Invoke-UsageFlush
            Remove-Item "$folder/*" -Recurse -Force
            Push-Location $folder
        }
        AfterEach { Pop-Location }

        It 'says with -WhatIf how many rows, days and bytes it would move, and moves none' {
            $text = Get-HostText { Invoke-UsageArchive -WhatIf }
            $text -replace '\s+', ' ' | Should -Match 'move 3 records of 2 days \([1-9][\d,]* bytes\) from .+usage_archive_\d{8}_\d{6}\.csv\.gz'
            Get-ChildItem -Force | Should -BeNullOrEmpty
            Get-Row $me | Should -Be 3
            Get-UsageArchive $me | Should -BeNullOrEmpty
        }

        It 'moves the records and says where they are' {
            $archive = Invoke-UsageArchive 30 "$folder/x.csv"
            $archive.Path | Should -Be (Join-Path $folder x.csv)
            $archive.Records | Should -Be 3
            $archive.Start | Should -Be ([datetimeoffset] '2026-01-30T16:45:23Z')
            $archive.End | Should -Be ([datetimeoffset]::new([datetime]::UtcNow.Date.AddDays(-30), [timespan]::Zero))
            $archive.Sha256 | Should -BeExactly (Get-FileHash x.csv).Hash.ToLowerInvariant()
            $archive.CustomerId | Should -Be $me
            ([datetimeoffset]::UtcNow - $archive.ArchivedAt).Duration().TotalMinutes | Should -BeLessThan 2
            $archive.RestoredAt | Should -BeNullOrEmpty
            $archive.Number | Should -Be (Invoke-Sql $store 'select max(archive_number) from usage_archives')
            (Get-ChildItem -Force).Name | Should -Be x.csv, x.csv.manifest.json
            Get-Row $me | Should -Be 0
            Get-UsageRecord -Start 2026-01 -End 2026-01 -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            $warnings | Should -BeExactly '3 records of this range are archived and not included. Restore-UsageArchive brings them back.'
        }

        It 'changes no figure of a report' {
            Set-UsageQuota functions 1000
            Add-UsageRecord functions 400 -Timestamp ([datetimeoffset]::UtcNow.AddDays(-1))
            Add-UsageRecord functions 5
            $before = Get-Figure $me
            $before | Should -Match '1234567890\.123456789012'
            (Invoke-UsageArchive 0 x.ndjson).Records | Should -Be 4
            Get-Figure $me | Should -BeExactly $before
            Get-Row $me | Should -Be 1
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'cuts at local midnight' {
            $zone = [timezoneinfo]::FindSystemTimeZoneById('Pacific/Auckland')
            $today = [timezoneinfo]::ConvertTime([datetimeoffset]::UtcNow, $zone).Date
            $midnight = [datetimeoffset] [timezoneinfo]::ConvertTimeToUtc($today.AddDays(-3), $zone)
            Add-UsageRecord functions 7 -Timestamp $midnight.AddTicks(-10) -CustomerId "$me-cut"
            Add-UsageRecord functions 8 -Timestamp $midnight -CustomerId "$me-cut"
            $archive = Invoke-UsageArchive 3 x.csv -CustomerId "$me-cut" -TimeZone Pacific/Auckland
            $archive.End | Should -Be $midnight
            (Import-Csv x.csv).quantity | Should -Be 7
            (Get-UsageRecord -CustomerId "$me-cut" -WarningAction SilentlyContinue).Quantity | Should -Be 8
        }

        It 'names the file where no name is given, and two of one second differently' {
            Add-UsageRecord api 1 -Timestamp 2026-01-01 -CustomerId "$me-two"
            $archives = Invoke-UsageArchive; $archives = @($archives; Invoke-UsageArchive -Path . -CustomerId "$me-two")
            $archives.Path | Split-Path -Parent | Select-Object -Unique | Should -Be $folder
            $archives.Path | Split-Path -Leaf | ForEach-Object { $_ | Should -Match '^usage_archive_\d{8}_\d{6}(_2)?\.csv\.gz$' }
            ($archives.Path | Select-Object -Unique).Count | Should -Be 2
            (Get-ChildItem *.gz).Count | Should -Be 2
        }

        It 'makes an archive of each customer down the pipeline' {
            Add-UsageRecord api 1 -Timestamp 2026-01-01 -CustomerId "$me-a"
            Add-UsageRecord api 2 -Timestamp 2026-01-01 -CustomerId "$me-b"
            $archives = Get-UsageCustomer "$me-?" | Select-Object CustomerId | Invoke-UsageArchive
            $archives.CustomerId | Should -Be "$me-a", "$me-b"
            ($archives.Path | Select-Object -Unique).Count | Should -Be 2
        }

        It 'goes on down the pipeline where one file cannot be' {
            Add-UsageRecord api 1 -Timestamp 2026-01-01 -CustomerId "$me-a"
            Add-UsageRecord api 2 -Timestamp 2026-01-01 -CustomerId "$me-b"
            $archive = Get-UsageCustomer "$me-?" | Select-Object CustomerId | Invoke-UsageArchive -Path x.csv -ErrorVariable errors -ErrorAction SilentlyContinue
            $archive.CustomerId | Should -Be "$me-a"
            $errors.FullyQualifiedErrorId -replace ',.*' | Should -Be FileExists
            (Import-Csv x.csv).customer_id | Should -Be "$me-a"
            Get-Row "$me-b" | Should -Be 1
        }

        It 'puts two customers of one day into one file' {
            Add-UsageRecord api 40 -Timestamp '2026-01-30 10:00' -CustomerId "$me-b"
            $archive = Invoke-UsageArchive -Path x.csv -CustomerId $me, "$me-b" -Service api
            $archive.CustomerId | Should -Be $me, "$me-b"
            (Import-Csv x.csv).customer_id | Should -Be "$me-b", $me
            (Get-Usage api -Start 2026-01 -End 2026-01 -CustomerId "$me-b").Quantity | Should -Be 40
            Get-Row $me | Should -Be 2
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'touches no file that is there, and no record then' {
            Set-Content x.csv mine
            Set-Content y.csv.manifest.json mine
            { Invoke-UsageArchive -Path x.csv } | Should -Throw -ErrorId 'FileExists,*'
            { Invoke-UsageArchive -Path y.csv } | Should -Throw -ErrorId 'FileExists,*'
            Get-Content x.csv, y.csv.manifest.json | Should -Be mine, mine
            (Get-ChildItem -Force).Count | Should -Be 2
            Get-Row $me | Should -Be 3
        }

        It 'refuses what can be no archive' {
            { Invoke-UsageArchive -Path x.xlsx } | Should -Throw -ErrorId 'UnknownFormat,*'
            { Invoke-UsageArchive -Path no/such/x.csv } | Should -Throw -ErrorId 'FolderNotFound,*'
            { Invoke-UsageArchive -Path Env:/x.csv } | Should -Throw -ErrorId 'NotAFile,*'
            { Invoke-UsageArchive -CustomerId nobody -ErrorAction Stop } | Should -Throw -ErrorId 'CustomerNotFound,*'
            { Invoke-UsageArchive -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
            Get-ChildItem -Force | Should -BeNullOrEmpty
            Get-Row $me | Should -Be 3
        }

        It 'warns where there is nothing to archive, and writes no file' {
            Invoke-UsageArchive 10000 x.csv -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            $warnings | Should -Match '^There is nothing to archive: no record is of before \d{4}-\d\d-\d\d 00:00 \+00:00\.$'
            Get-ChildItem -Force | Should -BeNullOrEmpty
        }

        It 'writes a CSV that other tools read' {
            if (-not $Tools) { Set-ItResult -Skipped -Because 'a tool is missing' }
            $archive = Invoke-UsageArchive -Path x.csv.gz
            (sha256sum x.csv.gz) -split ' ' | Select-Object -First 1 | Should -BeExactly $archive.Sha256
            zcat x.csv.gz > x.csv
            $rows = python3 -c 'import csv, json, sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline=""), strict=True))))' x.csv | ConvertFrom-Json -DateKind String
            $rows.quantity | Should -Be '1', '1234567890.123456789012345678', '100.5'
            $rows.recorded_at | Should -Be '2026-01-30T16:45:23Z', '2026-01-30T16:46:00Z', '2026-01-31T23:59:59.999999Z'
            $rows.event_key | Should -Be '', '', '\\k,1'
            foreach ($key in $nasty.Keys) { ($rows[2].metadata | ConvertFrom-Json).$key | Should -BeExactly $nasty[$key] }
        }

        It 'writes NDJSON that other tools read' {
            if (-not $Tools) { Set-ItResult -Skipped -Because 'a tool is missing' }
            $null = Invoke-UsageArchive -Path x.jsonl.gz
            zcat x.jsonl.gz | jq -r '[.service_name, .unit_cost, .event_key, .aggregated] | join(" ")' | Should -Be 'api 0.0001  true', 'compute 1  true', 'storage 0.001 \k,1 true'
            zcat x.jsonl.gz | Select-Object -Last 1 | jq -r .metadata.text | Should -Be ($nasty.text -split "`n")
            zcat x.jsonl.gz | Select-Object -Index 1 | Should -Match '"quantity":1234567890\.123456789012345678,'
        }

        It 'writes a manifest' {
            $archive = Invoke-UsageArchive -Path x.csv
            $text = Get-Content x.csv.manifest.json -Raw
            $manifest = $text | ConvertFrom-Json -DateKind String
            $manifest.psobject.Properties.Name | Should -Be format, archive_id, store_id, state, archive_number, file, bytes, sha256, records, start, end, columns, totals
            $manifest.format, $manifest.state, $manifest.file | Should -Be 'usage-archive/1', archived, x.csv
            $manifest.bytes | Should -Be (Get-Item x.csv).Length
            $manifest.sha256 | Should -Be $archive.Sha256
            $manifest.archive_number | Should -Be $archive.Number
            $manifest.archive_id | Should -Be (Invoke-Sql $store "select archive_id from usage_archives where archive_number = $($archive.Number)")
            $manifest.records, $manifest.start | Should -Be 3, '2026-01-30T16:45:23Z'
            $manifest.columns -join ',' | Should -Be (Get-Content x.csv -TotalCount 1)
            $manifest.totals.service_name | Should -Be api, compute, storage
            $manifest.totals.records | Should -Be 1, 1, 1
            $manifest.totals.customer_id | Select-Object -Unique | Should -Be $me
            $text | Should -Match '"quantity": 1234567890\.123456789012345678,\s+"cost": 1234567890\.123456789012345678\s'
            $text | Should -Match '"quantity": 100\.5,\s+"cost": 0\.1005\s'
        }

        It 'keeps event keys' {
            $null = Invoke-UsageArchive
            Add-UsageRecord storage 100.5 $nasty -Timestamp '2026-01-31 23:59:59.999999' -EventKey '\k,1'
            (Invoke-UsageFlush).Duplicates | Should -Be 1
            Get-Row $me | Should -Be 0
        }

        It 'includes what was just added, and what other programs wrote' {
            Add-UsageRecord api 3 -Timestamp 2026-01-02
            $null = Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at) values ('$me', 'own', '2.5', '0.1', '2026-01-03 00:00:00.000000Z')"
            (Invoke-UsageArchive -Path x.csv).Records | Should -Be 5
            (Import-Csv x.csv).service_name | Should -Be api, own, api, compute, storage
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'leaves nothing after Ctrl-C' {
            $many = $store.Path ? 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000)' : 'with n as (select generate_series(1, 300000) as i)'
            $into = 'insert into billing_usage_records (customer_id, service_name, quantity, recorded_at)'
            $null = Invoke-Sql $store "$($store.Path ? "$many $into" : "$into $many") select '$me-many', 'api', '1', '2026-01-05 00:00:00.000000Z' from n"
            $null = Update-UsageSummary
            # One script: of several statements PowerShell may go on after the runspace is closed.
            $shell = [powershell]::Create().AddScript({ param($module, $path, $customer) Import-Module $module; Invoke-UsageArchive -Path $path -CustomerId $customer }).
                AddArgument((Get-Module UsageTracking).Path).AddArgument("$folder/many.csv.gz").AddArgument("$me-many")
            $running = $shell.BeginInvoke()
            $deadline = [datetime]::UtcNow.AddSeconds(20)
            while (-not (Get-ChildItem "$folder/*.gz" -Force) -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 5 }
            # Nobody sees the file before it is whole.
            Test-Path many.csv.gz | Should -BeFalse
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
            $running.AsyncWaitHandle.WaitOne(1000) | Should -BeTrue
            $shell.Dispose()
            Get-ChildItem -Force | Should -BeNullOrEmpty
            Get-Row "$me-many" | Should -Be 300000
        }

        if ($Kind -eq 'PostgreSql') {
            It 'drops the partition of a month of which nothing is left' {
                $name = 'billing_usage_records_2024_05'
                Add-UsageRecord api 1 -Timestamp 2024-05-01
                Add-UsageRecord api 2 -Timestamp 2024-05-31 -CustomerId "$me-b"
                $null = Invoke-UsageFlush
                $null = Invoke-UsageArchive -Path a.csv -CustomerId $me
                Invoke-Sql $store "select to_regclass('$name') is not null" | Should -Be t
                $null = Invoke-UsageArchive -Path b.csv -CustomerId "$me-b"
                Invoke-Sql $store "select to_regclass('$name') is not null" | Should -Be f
                (Restore-UsageArchive a.csv, b.csv).Records | Should -Be 4, 1
                Invoke-Sql $store "select sum(quantity) from $name" | Should -Be 3
            }

            It 'tells a role without the right to delete, or one that does not see all' {
                $role = $store.Name
                $null = Invoke-Psql $store @"
                create role $role login; grant usage on schema public to $role; grant select, insert, update on all tables in schema public to $role;
                grant all on all sequences in schema public to $role
"@
                $asRole = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $store.ConnectionString }
                $asRole['Username'] = $role
                try {
                    Connect-UsageStore -ConnectionString $asRole.ConnectionString -CustomerId $me
                    { Invoke-UsageArchive -Path x.csv } | Should -Throw -ErrorId 'StoreRefused,*'
                    $null = Invoke-Psql $store "alter table billing_usage_records enable row level security; create policy own on billing_usage_records for all to $role using (customer_id = '$me')"
                    { Invoke-UsageArchive -Path x.csv } | Should -Throw -ErrorId 'RecordsHidden,*'
                    Get-ChildItem -Force | Should -BeNullOrEmpty
                    Get-Row $me | Should -Be 3
                }
                finally {
                    Connect-UsageStore @address
                    $null = Invoke-Psql $store "alter table billing_usage_records disable row level security; drop policy if exists own on billing_usage_records; drop owned by $role; drop role $role"
                }
            }
        }

        # Last: from here on the store has invoices.
        It 'leaves what is on no invoice, and says so, unless it is asked for' {
            $null = Invoke-Sql $store "update billing_usage_records set invoice_id = 'i1' where customer_id = '$me' and service_name = 'api'"
            (Invoke-UsageArchive -Path x.csv -WarningVariable warnings -WarningAction SilentlyContinue).Records | Should -Be 1
            $warnings | Should -BeExactly '2 records on no invoice stay in the store. -IncludeUninvoiced archives them too.'
            (Import-Csv x.csv).invoice_id | Should -Be i1
            Get-Row $me | Should -Be 2
            # There are records of before, so nothing says that there are none.
            Invoke-UsageArchive -Path y.csv -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            $warnings | Should -BeExactly '2 records on no invoice stay in the store. -IncludeUninvoiced archives them too.'
            (Invoke-UsageArchive -Path y.csv -IncludeUninvoiced).Records | Should -Be 2
            Compare-Usage | Should -BeNullOrEmpty
        }
    }
}
