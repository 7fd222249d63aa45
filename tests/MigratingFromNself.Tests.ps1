BeforeDiscovery {
    . $PSScriptRoot/Common.ps1

    # The rows of the guide's table of functions: what nself's call is, and the lines that replace it.
    $inTable = $false
    $script:rows = foreach ($line in Get-Content $PSScriptRoot/../docs/migrating-from-nself.md) {
        if ($line -match '^### ') { $inTable = $line -eq '### Functions' }
        if (-not $inTable -or $line -notmatch '^\| `') { continue }
        $cells = $line.Trim('|', ' ').Replace('\|', "`0") -split '\|'
        @{
            Calls = @([regex]::Matches($cells[0], '`([^`]+)`') | ForEach-Object { $_.Groups[1].Value })
            Lines = @([regex]::Matches($cells[1].Replace("`0", '|'), '`([^`]+)`') | ForEach-Object { $_.Groups[1].Value })
        }
    }

    # What each line is to give: values worked out by hand from the records below.
    $script:expected = @{
        'Import-Module UsageTracking'                                                        = { Get-Module UsageTracking | Should -Not -BeNullOrEmpty }
        'Initialize-UsageStore'                                                              = { $result | Should -BeNullOrEmpty }
        'Get-UsageStore'                                                                     = { $result.IsReachable | Should -BeTrue }
        '(Get-UsageStore).CustomerId'                                                        = { $result | Should -Be 'cus' }
        "Add-UsageRecord api 2 '{`"a`":1}'"                                                  = { Get-Newest | Should -Be 'api 2 {"a":1}' }
        'Add-UsageApiRequest /api/users GET 200'                                             = { Get-Newest | Should -Be 'api 1 {"endpoint":"/api/users","method":"GET","status":200}' }
        'Add-UsageStorage 5368709120 24'                                                     = { Get-Newest | Should -Be 'storage 120 {"bytes":5368709120,"hours":24}' }
        'Add-UsageBandwidth 524288000 Egress'                                                = { Get-Newest | Should -Be 'bandwidth 0.48828125 {"bytes":524288000,"direction":"egress"}' }
        "Add-UsageCompute 3600 '{`"instance`":`"t3`"}'"                                      = { Get-Newest | Should -Be 'compute 1 {"instance":"t3"}' }
        'Add-UsageDatabaseQuery SELECT 45'                                                   = { Get-Newest | Should -Be 'database 1 {"duration_ms":45,"type":"SELECT"}' }
        'Add-UsageFunction sendEmail 120 256'                                                = { Get-Newest | Should -Be 'functions 1 {"duration_ms":120,"function":"sendEmail","memory_mb":256}' }
        "Add-UsageRecord api 1 '{}' -CustomerId cus"                                         = { Get-Newest | Should -Be 'api 1 {}' }
        'Invoke-UsageFlush'                                                                  = { $result.Remaining | Should -Be 0 }
        "'api:1:{}', 'api:2:{}' | Import-UsageRecord -AllOrNothing"                          = { $result.Records | Should -Be 2 }
        'Clear-UsageQueue'                                                                   = { (Get-UsageStore).Pending | Should -Be 0 }
        'Get-Usage -Start 2026-01-01 -End 2026-01-31'                                        = { ($result | Where-Object Service -EQ api).Quantity | Should -Be 31; $result.Count | Should -Be 6 }
        'Get-Usage -Start 2026-01-01 -End 2026-01-31 | ConvertTo-Json'                       = { ($result | ConvertFrom-Json)[0].Quantity | Should -Be 31 }
        'Get-Usage -Start 2026-01-01 -End 2026-01-31 | ConvertTo-Csv'                        = { ($result | ConvertFrom-Csv)[0].Quantity | Should -Be 31 }
        'Get-Usage -Start 2026-01-01 -End 2026-01-31 -Detailed'                              = { ($result | Where-Object Service -EQ api).Count | Should -Be 31; ($result | Measure-Object Quantity -Sum).Sum | Should -Be 31 }
        'Get-Usage api 2026-01-01 2026-01-31'                                                = { $result.Quantity | Should -Be 31 }
        'Get-Usage storage 2026-01-01 2026-01-31 -Detailed'                                  = { $result.Count | Should -Be 31; ($result | Measure-Object Quantity -Sum).Sum | Should -Be 0 }
        'Get-Usage bandwidth 2026-01-01 2026-01-31 | ConvertTo-Json'                         = { ($result | ConvertFrom-Json).Quantity | Should -Be 0 }
        'Measure-Usage -Period Hourly -CustomerId cus -Start 2026-01-01 -End 2026-01-31'     = { $result.Count | Should -Be 31; $result[0].Period.UtcDateTime | Should -Be ([datetime] '2026-01-31 23:00') }
        'Measure-Usage -Period Daily -CustomerId cus -Start 2026-01-01 -End 2026-01-31'      = { $result.Count | Should -Be 31; $result[0].TotalQuantity | Should -Be 1 }
        'Measure-Usage -Period Monthly -CustomerId cus -Start 2026-01-01 -End 2026-12-31'    = { ($result | Where-Object { $_.Period.Month -eq 1 }).TotalQuantity | Should -Be 31 }
        'Update-UsageSummary'                                                                = { $result.Records | Should -Be 0 }
        'Get-UsageStatistic api 30'                                                          = { $result.TotalEvents | Should -Be (Get-Today).Events }
        'Get-UsageTrend'                                                                     = { ($result | Where-Object { $_.Service -eq 'api' -and $_.IsPartial }).DailyTotal | Should -Be (Get-Today).Quantity }
        'Get-UsageTrend api 30'                                                              = { $result.Count | Should -Be 31 }
        'Get-UsagePeak api Hourly 10'                                                        = { ($result | Measure-Object TotalUsage -Sum).Sum | Should -Be (Get-Today).Quantity }
        'Invoke-UsageAlertCheck'                                                             = { $result.Service | Should -Be 'api'; $result.Level | Should -Be 'Exceeded' }
        'Invoke-UsageAlertCheck api -CustomerId cus'                                         = { $result | Should -BeNullOrEmpty -Because 'it was raised by the check before' }
        'Get-UsageAlert 30'                                                                  = { $result.Level | Should -Be 'Exceeded' }
        'Get-UsageQuota'                                                                     = { $result.Limit | Should -Be 1 }
        'Get-UsageQuota api'                                                                 = { $result.Used | Should -Be (Get-Today).Quantity }
        'Test-UsageQuota api 5'                                                              = { $result | Should -BeTrue -Because 'a soft quota only warns'; $warnings | Should -Not -BeNullOrEmpty }
        'Get-UsageCost -Start 2026-01 -End 2026-01'                                          = { ($result | Measure-Object Amount -Sum).Sum | Should -Be 0.0031 }
        'Get-UsageCost -Start 2026-01 -End 2026-01 -Save'                                    = { (Get-UsageInvoice).Total | Should -Be 0.0031 }
        'Export-Usage'                                                                       = { (Import-Csv $result).Count | Should -Be (Get-UsageRecord -Start 2020).Count }
        'Export-Usage -Format Json'                                                          = { (Get-Content $result -Raw | ConvertFrom-Json).summary.total_events | Should -Be (Get-UsageRecord -Start 2020).Count }
        'Export-Usage -Format Xlsx'                                                          = { $result.Name | Should -BeLike '*.xlsx'; [System.IO.File]::ReadAllBytes($result)[0..1] | Should -Be 0x50, 0x4B }
        'Export-Usage /path/to/usage.csv'                                                    = { $result.FullName | Should -BeLike '*usage.csv' }
        'Export-Usage -Start 2026-01-01 -End 2026-01-31'                                     = { (Import-Csv $result).Count | Should -Be 31 }
        'Export-Usage -Format Json -Start 2026-01-01 -End 2026-01-31 -Service api'           = { (Get-Content $result -Raw | ConvertFrom-Json).usage_records.Count | Should -Be 31 }
        'Invoke-UsageArchive'                                                                = { $result.Records | Should -Be 31; (Get-Usage api 2026-01 2026-01).Quantity | Should -Be 31 }
        'Invoke-UsageArchive 30'                                                             = { $warnings | Should -BeLike 'There is nothing to archive*' }
        'Invoke-UsageArchive 90 /path/to/archive.csv'                                        = { $warnings | Should -BeLike 'There is nothing to archive*' }
    }

    # The examples as the guide has them.
    $guide = Get-Content $PSScriptRoot/../docs/migrating-from-nself.md -Raw
    $script:examples = [regex]::Matches($guide, '(?ms)^### (Example \d: [^\n]+)\n\n```powershell\n(.*?)```') |
        ForEach-Object { @{ Title = $_.Groups[1].Value; Code = $_.Groups[2].Value } }
}
BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'The guide' {
    It 'has a row for <_>' -ForEach @(
        # The manual's API reference, and what its pages call besides.
        'usage_get_all', 'usage_get_service', 'usage_export', 'usage_aggregate', 'usage_check_alerts', 'usage_get_stats', 'usage_get_trends', 'usage_archive'
        'usage_track_api_request', 'usage_track_storage', 'usage_track_bandwidth', 'usage_track_compute', 'usage_track_database_query', 'usage_track_function'
        'usage_init_batch', 'usage_batch_add', 'usage_batch_flush', 'usage_batch_insert'
        'billing_record_usage', 'billing_get_customer_id', 'usage_refresh_summary', 'usage_check_service_alert', 'usage_get_alerts', 'usage_get_peaks', 'usage_cleanup_batch'
    ) {
        $calls = (Get-Content $PSScriptRoot/../docs/migrating-from-nself.md) -match '^\| `'
        $calls -match "\b$_\b" | Should -Not -BeNullOrEmpty
    }

    It 'expects something of each line' -ForEach @(@{ Lines = @($rows.Lines); Expected = @($expected.Keys) }) {
        $Lines | Where-Object { $_ -notin $Expected } | Should -BeNullOrEmpty
        $Expected | Where-Object { $_ -notin $Lines } | Should -BeNullOrEmpty
    }

    It 'has seven examples, which are the scripts in examples/nself' -ForEach @(@{ Examples = $examples }) {
        $scripts = Get-ChildItem $PSScriptRoot/../examples/nself/*.ps1 | Sort-Object Name
        $scripts.Count | Should -Be 7
        $Examples.Count | Should -Be 7
        for ($i = 0; $i -lt 7; $i++) { $Examples[$i].Code | Should -BeExactly (Get-Content $scripts[$i] -Raw) }
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Each line of the guide on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId cus
            # One a day at the last second of January's days, long ago.
            1..31 | ForEach-Object { Add-UsageRecord api 1 -Timestamp ('2026-01-{0:00} 23:59:59' -f $_) }
            Set-UsageQuota api 1
            $null = Invoke-UsageFlush
            Push-Location (New-Item -ItemType Directory "$TestDrive/$Kind")

            function Get-Newest { Get-UsageRecord -First 1 | ForEach-Object { "$($_.Service) $($_.Quantity.ToString([cultureinfo]::InvariantCulture)) $($_.Metadata | ConvertTo-Json -Compress)" } }
            function Get-Today { Get-Usage api -Start ([datetime]::UtcNow.Date) -End ([datetime]::UtcNow.AddMinutes(1)) }
        }
        AfterAll {
            Pop-Location
            Remove-TestStore $store
        }

        It '<Line>' -ForEach @(foreach ($line in $rows.Lines) { @{ Line = $line; Check = "$($expected[$line])" } }) {
            $code = $Line.Replace('/path/to/', "$PWD/").Replace('Import-Module UsageTracking', "Import-Module $PSScriptRoot/../module/UsageTracking.psd1")
            # Two exports of one second have one name.
            if ($Line -like 'Export-Usage*' -and $Line -notlike '*/path/*') { Remove-Item usage_* }
            $result = & ([scriptblock]::Create($code)) 3>&1
            $warnings = @($result | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
            $result = @($result | Where-Object { $_ -notin $warnings })
            . ([scriptblock]::Create($Check))
        }
    }

    Describe "The seven examples on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId cus
            $script:examples = "$PSScriptRoot/../examples/nself"
            $script:folder = (New-Item -ItemType Directory "$TestDrive/$Kind").FullName
            $null = New-Item -ItemType Directory "$folder/archive"
            $script:lastMonth = [datetime]::UtcNow.AddMonths(-1).ToString('yyyy-MM')
        }
        AfterAll { Remove-TestStore $store }

        It '1: tracks endpoints' {
            $usage = & $examples/1-api-endpoints.ps1
            $usage.Quantity, $usage.Events, $usage.Cost | Should -Be 4, 4, 0.0004
            (Measure-Usage -Service api -GroupBy status | Where-Object { "$($_.Group.status)" -eq '200' }).EventCount | Should -Be 2
        }

        It '2: stores a thousand' {
            (& $examples/2-high-volume.ps1).Remaining | Should -Be 0
            (Get-Usage api).Events | Should -Be 1004
        }

        It '3: measures a folder' {
            $data = New-Item -ItemType Directory "$folder/data"
            [System.IO.File]::WriteAllBytes("$data/blob", [byte[]]::new(1048576))
            (New-Item "$data/.last_check").LastWriteTimeUtc = [datetime]::UtcNow.AddHours(-2)
            & $examples/3-storage.ps1 -Folder $data
            # A MiB for two hours is 1/512 of a GB-hour.
            [Math]::Round((Get-Usage storage).Quantity, 6) | Should -Be 0.001953
            ((Get-Item "$data/.last_check" -Force).LastWriteTimeUtc - [datetime]::UtcNow).TotalMinutes | Should -BeGreaterThan -1
        }

        It '4: reports the day' {
            $output = & $examples/4-daily-report.ps1 -Folder $folder
            ($output | Where-Object { $_.Service -eq 'api' }).Quantity | Should -Be 1004
            $output[-1] | Should -BeLike 'Exported to: *'
            (Import-Csv ($output[-1] -replace '^Exported to: ')).Count | Should -Be 1005
        }

        It '5: shows trends, peaks and statistics' {
            $output = & $examples/5-trends.ps1
            ($output | Where-Object { $_.IsPartial }).DailyTotal | Should -Be 1004
            ($output | Where-Object { $_.PSObject.Properties.Match('TotalUsage').Count } | Measure-Object TotalUsage -Sum).Sum | Should -Be 1004
            ($output | Where-Object { $_.PSObject.Properties.Match('P95Quantity').Count }).P95Quantity | Should -Be 1
        }

        It '6: sends mail about what is urgent' {
            Set-UsageQuota api 1000
            $mails = [System.Collections.Generic.List[string]]::new()
            Set-Item function:global:mail { $mails.Add("$($args -join ' '): $($input -join ' ')") }.GetNewClosure()
            try { $output = & $examples/6-alerts.ps1 -To me@example.org }
            finally { Remove-Item function:global:mail }
            $mails | Should -Be '-s URGENT: Quota Exceeded me@example.org: QUOTA EXCEEDED: api - 1004/1000 (100%)'
            # The new one, and the history.
            ($output | Where-Object { "$($_.Level)" }).Level | Should -Be 'Exceeded', 'Exceeded'
        }

        It '7: exports the month and archives' {
            Add-UsageRecord api 9 -Timestamp "$lastMonth-01"
            Add-UsageRecord api 5 -Timestamp '2026-01-05'
            $output = & $examples/7-monthly-export.ps1 -Folder $folder
            (Import-Csv "$folder/usage_$lastMonth.csv").quantity | Should -Be 9
            (Get-Content "$folder/usage_$lastMonth.json" -Raw | ConvertFrom-Json).summary.total_events | Should -Be 1
            ($output | Where-Object { $_.Sha256 }).Records | Should -BeGreaterOrEqual 1
            (Get-ChildItem "$folder/archive/*.csv.gz").Count | Should -Be 1
            Test-UsageArchive "$folder/archive/*" | Should -BeTrue
        }
    }
}

Describe 'The seven examples on an adopted nself database' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        $script:store = New-TestStore -Kind PostgreSql -Empty
        foreach ($file in 'tables', 'some-usage') { $null = Invoke-Psql $store (Get-Content "$PSScriptRoot/nself/$file.sql" -Raw) }
        $null = Invoke-Psql $store "insert into billing_usage_records (customer_id, service_name, quantity, recorded_at) values ('acme', 'api', 8, now() - interval '200 days')"
        Connect-UsageStore -ConnectionString $store.ConnectionString -CustomerId acme -WarningAction SilentlyContinue
        Initialize-UsageStore -Confirm:$false
        $script:examples = "$PSScriptRoot/../examples/nself"
        $script:folder = (New-Item -ItemType Directory "$TestDrive/nself/archive").Parent.FullName
        $data = New-Item -ItemType Directory "$TestDrive/nself/data"
        [System.IO.File]::WriteAllBytes("$data/blob", [byte[]]::new(1048576))
        (New-Item "$data/.last_check").LastWriteTimeUtc = [datetime]::UtcNow.AddHours(-2)
        $script:before = (Get-Usage api -Start 2020).Quantity
    }
    AfterAll { Remove-TestStore $store }

    It 'runs them all' {
        $before | Should -Be 284 -Because '1 to 23 are 276, and 8'
        (& $examples/1-api-endpoints.ps1).Events | Should -BeGreaterOrEqual 4
        (& $examples/2-high-volume.ps1).Committed | Should -BeGreaterOrEqual 1000
        & $examples/3-storage.ps1 -Folder "$TestDrive/nself/data"
        (& $examples/4-daily-report.ps1 -Folder $folder)[-1] | Should -BeLike 'Exported to: *'
        ((& $examples/5-trends.ps1) | Where-Object { $_.IsPartial }).DailyTotal | Should -BeGreaterOrEqual 1004
        Set-Item function:global:mail { }
        try { (& $examples/6-alerts.ps1) | Should -Contain 'Recent Alerts (Last 7 Days)' }
        finally { Remove-Item function:global:mail }

        # What is on no invoice stays.
        $output = & $examples/7-monthly-export.ps1 -Folder $folder 3>&1
        $output | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | Should -BeLike '1 record on no invoice stays in the store*'
        Get-ChildItem "$folder/archive" | Should -BeNullOrEmpty
        (Get-Usage api -Start 2020).Quantity | Should -Be ($before + 1004)
        [decimal] (Invoke-Psql $store "select sum(quantity) from billing_usage_records where customer_id = 'acme' and service_name = 'api'") | Should -Be ($before + 1004)
        Compare-Usage -CustomerId * | Should -BeNullOrEmpty
    }
}
