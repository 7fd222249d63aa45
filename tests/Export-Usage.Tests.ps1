BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $python = (Get-Command python3 -ErrorAction Ignore).Source
    $script:openpyxl = Find-OpenPyXl
    $script:jq = Get-Command jq -ErrorAction Ignore
}
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # What a strict CSV reader of another language sees, as JSON: a list of lists.
    function Read-StrictCsv([string] $Path) {
        $json = python3 -c 'import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8", newline=""), strict=True))))' $Path
        , ($json | ConvertFrom-Json -NoEnumerate)
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Export-Usage on $($kind.Kind)" -ForEach ($kind + @{ OpenPyXl = $openpyxl; Jq = [bool] $jq; Python = [bool] $python }) -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            $script:nasty = @{ text = "a `"quoted`", 'b'; c:d`nline ü 😀"; formula = '=1+1' }
            Add-UsageRecord api 1 @{ endpoint = '/users'; method = 'GET' } -Timestamp '2026-01-30 16:45:23'
            Add-UsageRecord bandwidth 0.000512 @{ bytes = 524288 } -Timestamp '2026-01-30 16:45:22.25'
            Add-UsageRecord storage 100 $nasty -Timestamp '2026-01-31 23:59:59.999999' -EventKey 'k,1'
            Add-UsageRecord compute ([decimal] '0.000000000000000001') -Timestamp '2026-02-01' -UnitCost 1
            Add-UsageRecord compute '1234567890.123456789012345678' -Timestamp '2026-01-01' -UnitCost 1
            Add-UsageRecord api 7 -Timestamp '2026-01-15 12:00' -CustomerId beta
            $null = Invoke-UsageFlush
            $script:folder = (New-Item -ItemType Directory "$TestDrive/$Kind").FullName
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            Connect-UsageStore @address -CustomerId acme
            Remove-Item "$folder/*" -Recurse -Force
            Push-Location $folder
        }
        AfterEach { Pop-Location }

        It 'writes a CSV with one header, newest first, and returns the file' {
            $file = Export-Usage usage.csv
            $file | Should -BeOfType System.IO.FileInfo
            $file.FullName | Should -Be (Join-Path $folder usage.csv)
            $text = [System.IO.File]::ReadAllText($file)
            $text | Should -Not -Match "`r|^\uFEFF"
            $text.Split("`n")[0] | Should -BeExactly 'timestamp,service,quantity,unit_cost,total_cost,metadata'
            ([regex]::Matches($text, 'timestamp,')).Count | Should -Be 1
            $text.Split("`n") | Should -Contain '2026-01-30 16:45:23,api,1,0.0001,0.0001,"{""endpoint"":""/users"",""method"":""GET""}"'
            $text.Split("`n") | Should -Contain '2026-01-30 16:45:22.25,bandwidth,0.000512,0.01,0.00000512,"{""bytes"":524288}"'
            $rows = Import-Csv $file
            $rows.timestamp | Should -Be '2026-02-01 00:00:00', '2026-01-31 23:59:59.999999', '2026-01-30 16:45:23', '2026-01-30 16:45:22.25', '2026-01-01 00:00:00'
            $rows.quantity | Should -Be '0.000000000000000001', '100', '1', '0.000512', '1234567890.123456789012345678'
            $rows.unit_cost | Should -Be '1', '0.001', '0.0001', '0.01', '1'
            ($rows[1].metadata | ConvertFrom-Json -AsHashtable).text | Should -BeExactly $nasty.text
            ($rows[1].metadata | ConvertFrom-Json -AsHashtable).formula | Should -BeExactly '=1+1'
        }

        It 'writes a CSV that a strict reader takes' {
            if (-not $Python) { Set-ItResult -Skipped -Because 'there is no python3' }
            $rows = Read-StrictCsv (Export-Usage usage.csv -Full -CustomerId *)
            $rows[0] | Should -Be 'timestamp', 'service', 'quantity', 'unit_cost', 'total_cost', 'metadata', 'customer_id', 'event_key', 'id'
            $rows.Count | Should -Be 7
            ($rows | ForEach-Object Count | Select-Object -Unique) | Should -Be 9
            $rows[2][5] | ConvertFrom-Json | ForEach-Object text | Should -BeExactly $nasty.text
            $rows[2][6..7] | Should -Be 'acme', 'k,1'
            $rows[5][6..7] | Should -Be 'beta', ''
            $rows[1..6] | ForEach-Object { $_[8] } | Should -Be @(Invoke-Sql $store 'select usage_id from billing_usage_records order by recorded_at desc, usage_id desc')
        }

        It 'writes one JSON document' {
            $text = Get-Content (Export-Usage usage.json -Start 2026-01-01 -End 2026-01-31) -Raw
            $document = $text | ConvertFrom-Json -DateKind String
            $document.psobject.Properties.Name | Should -Be customer_id, export_date, period, usage_records, summary
            $document.customer_id | Should -Be acme
            ([datetimeoffset]::UtcNow - [datetimeoffset] $document.export_date).Duration().TotalMinutes | Should -BeLessThan 2
            $document.period.start, $document.period.end | Should -Be '2026-01-01', '2026-01-31'
            $document.usage_records.timestamp | Should -Be '2026-01-31T23:59:59.999999Z', '2026-01-30T16:45:23Z', '2026-01-30T16:45:22.25Z', '2026-01-01T00:00:00Z'
            $document.usage_records[0].psobject.Properties.Name | Should -Be timestamp, service, quantity, unit_cost, total_cost, metadata
            $document.usage_records[0].metadata.text | Should -BeExactly $nasty.text
            $text | Should -Match '"quantity":1234567890\.123456789012345678,'
            $document.summary.total_events | Should -Be 4
            # 0.1 + 0.0001 + 0.00000512 + 1234567890.123456789012345678, rounded to 12 decimals.
            $text | Should -Match '"total_cost": 1234567890\.223561909012\b'
            $document.summary.services | Should -Be api, storage, bandwidth, compute
        }

        It 'writes JSON that jq takes' {
            if (-not $Jq) { Set-ItResult -Skipped -Because 'there is no jq' }
            $file = Export-Usage usage.json -CustomerId *
            jq -r '.customer_id, (.usage_records | length), (.usage_records | map(.customer_id) | unique | join(" ")), (.summary.services | length)' $file |
                Should -Be '*', '6', 'acme beta', '4'
            $lines = Export-Usage usage.ndjson -CustomerId acme, beta
            jq -r -s 'length, (map(keys | length) | unique | join(" ")), (map(select(.event_key != null)) | map(.event_key) | join(" "))' $lines | Should -Be '6', '9', 'k,1'
        }

        It 'writes NDJSON with all that an import needs' {
            $lines = Get-Content (Export-Usage usage.ndjson)
            $lines.Count | Should -Be 5
            ($lines[1] | ConvertFrom-Json).psobject.Properties.Name |
                Should -Be timestamp, service, quantity, unit_cost, total_cost, metadata, customer_id, event_key, id
            ($lines[1] | ConvertFrom-Json).metadata.text | Should -BeExactly $nasty.text
            $lines[0] | Should -Match '"quantity":0\.000000000000000001,'
        }

        It 'writes a workbook that openpyxl reads' {
            if (-not $OpenPyXl) { Set-ItResult -Skipped -Because 'there is no openpyxl' }
            $file = Export-Usage usage.xlsx -CustomerId * -Full
            $book = & $OpenPyXl -c @'
import json, openpyxl, sys
book = openpyxl.load_workbook(sys.argv[1])
print(json.dumps({s.title: [[[c.data_type, str(c.value)] for c in row] for row in s.iter_rows()] for s in book}))
'@ $file | ConvertFrom-Json -AsHashtable -DateKind String
            $book.Keys | Should -Be Summary, Records
            $rows = $book.Records
            $rows.Count | Should -Be 7
            $rows[0] | ForEach-Object { $_[1] } | Should -Be timestamp, service, quantity, unit_cost, total_cost, metadata, customer_id, event_key, id
            $rows[3] | ForEach-Object { $_[0] } | Select-Object -First 6 | Should -Be d, s, n, n, n, s
            $rows[3] | ForEach-Object { $_[1] } | Select-Object -First 5 | Should -Be '2026-01-30 16:45:23', api, 1, 0.0001, 0.0001
            ($rows[2][5][1] | ConvertFrom-Json).text | Should -BeExactly $nasty.text
            $cells = $book.Summary | Where-Object { $_[1][1] -eq 'storage' }
            $cells[2][1], $cells[3][1], $cells[4][1] | Should -Be 1, 100, 0.1
        }

        It 'shows the clocks of -TimeZone, and cuts days by them' {
            $rows = Import-Csv (Export-Usage usage.csv -TimeZone Europe/Berlin -Start 2026-02-01)
            $rows.timestamp | Should -Be '2026-02-01 01:00:00+01:00', '2026-02-01 00:59:59.999999+01:00'
            (Get-Content (Export-Usage usage.ndjson -TimeZone America/New_York -Service api) | ConvertFrom-Json -DateKind String).timestamp |
                Should -Be '2026-01-30T11:45:23-05:00'
        }

        It 'takes the original''s arguments by position, and services by wildcard' {
            (Import-Csv (Export-Usage usage.csv 2026-01-30 2026-01-31 b*, api)).service | Should -Be api, bandwidth
            (Import-Csv (Export-Usage beta.csv -CustomerId b*)).quantity | Should -Be 7
        }

        It 'is a valid file where there is nothing' {
            [System.IO.File]::ReadAllText((Export-Usage none.csv -Start 2020 -End 2020)) | Should -BeExactly "timestamp,service,quantity,unit_cost,total_cost,metadata`n"
            (Export-Usage none.ndjson -Start 2020 -End 2020).Length | Should -Be 0
            $document = Get-Content (Export-Usage none.json -Start 2020 -End 2020) -Raw | ConvertFrom-Json
            $document.usage_records.Count, $document.summary.total_events, $document.summary.total_cost | Should -Be 0, 0, 0
            $document.summary.services.Count | Should -Be 0
            (Export-Usage none.xlsx -Start 2020 -End 2020).Length | Should -BeGreaterThan 1000
            (Get-Content (Export-Usage new.csv -CustomerId acme -Service functions)).Count | Should -Be 1
        }

        It 'names the file where no name is given' {
            (Export-Usage).Name | Should -Match '^usage_\d{8}_\d{6}\.csv$'
            (Export-Usage -Format Ndjson).Name | Should -Match '^usage_\d{8}_\d{6}\.ndjson$'
            (Get-Item *).Count | Should -Be 2
            # What is asked for wins over the extension.
            (Get-Content (Export-Usage usage.txt -Format Json) -Raw | ConvertFrom-Json).customer_id | Should -Be acme
            { Export-Usage usage.txt } | Should -Throw -ErrorId 'UnknownFormat,*'
        }

        It 'does not replace a file without -Force, nor ask the store before it says so' {
            Set-Content usage.csv old
            Connect-UsageStore -Path "$folder/none/of/this.db" -WarningAction SilentlyContinue
            { Export-Usage usage.csv } | Should -Throw -ErrorId 'FileExists,*'
            Connect-UsageStore @address -CustomerId acme
            Get-Content usage.csv | Should -Be old
            Export-Usage usage.csv -Force | Should -Not -BeNullOrEmpty
            (Import-Csv usage.csv).Count | Should -Be 5
            (Get-ChildItem -Force -File).Name | Should -Be usage.csv
        }

        It 'refuses what is no file' {
            { Export-Usage Env:/usage.csv } | Should -Throw -ErrorId 'NotAFile,*'
            { Export-Usage no/such/usage.csv } | Should -Throw -ErrorId 'FolderNotFound,*'
            (Export-Usage './a[1].csv').Name | Should -Be 'a[1].csv'
        }

        It 'writes nothing for a customer or range that cannot be, and nothing with -WhatIf' {
            { Export-Usage usage.csv -CustomerId nobody -ErrorAction Stop } | Should -Throw -ErrorId 'CustomerNotFound,*'
            { Export-Usage usage.csv -Start 2026-02 -End 2026-01 } | Should -Throw -ErrorId 'InvalidRange,*'
            Get-HostText { Export-Usage usage.csv -WhatIf } | Should -Match 'export usage records'
            Get-ChildItem -Force | Should -BeNullOrEmpty
        }

        It 'writes a file per customer down the pipeline' {
            (Get-UsageCustomer | Export-Usage -Path { "$($_.CustomerId).csv" }).Name | Should -Be acme.csv, beta.csv
            (Import-Csv beta.csv).quantity | Should -Be 7
        }

        It 'includes what was just added, and what other programs wrote' {
            Add-UsageRecord functions 3 -CustomerId late
            (Import-Csv (Export-Usage late.csv -CustomerId late)).quantity | Should -Be 3
            if ($store.ConnectionString) { $null = Invoke-Sql $store "select usage_ensure_partition('2026-03-01')" }
            $null = Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at) values ('late', 'own', '2.50', '0.10', '2026-03-01 00:00:00.000000Z')"
            (Get-Content (Export-Usage late.csv -CustomerId late -Force))[-1] | Should -BeExactly '2026-03-01 00:00:00,own,2.5,0.1,0.25,{}'
        }

        It 'gives the same file whatever the culture' {
            $first = Get-FileHash (Export-Usage 1.csv)
            $culture = [cultureinfo]::CurrentCulture
            try {
                [cultureinfo]::CurrentCulture = 'ar-SA'
                $second = Get-FileHash (Export-Usage 2.csv)
            }
            finally { [cultureinfo]::CurrentCulture = $culture }
            $second.Hash | Should -Be $first.Hash
        }

        It 'leaves nothing after Ctrl-C, and stops within a second' {
            $ids = $store.Path ? 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 600000)' : 'with n as (select generate_series(1, 600000) as i)'
            $null = Invoke-Sql $store @"
$($store.Path ? $ids : '')
insert into billing_usage_records (customer_id, service_name, quantity, recorded_at)
$($store.Path ? '' : $ids) select 'many', 'api', '1', '2026-01-05 00:00:00.000000Z' from n
"@
            # One script: of several statements PowerShell may go on after the runspace is closed.
            $shell = [powershell]::Create().AddScript({ param($module, $path) Import-Module $module; Export-Usage -Path $path -CustomerId * }).
                AddArgument((Get-Module UsageTracking).Path).AddArgument("$folder/many.json")
            $running = $shell.BeginInvoke()
            $deadline = [datetime]::UtcNow.AddSeconds(20)
            while (-not (Get-ChildItem "$folder/*.tmp" -Force) -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 5 }
            # Nobody sees the file before it is whole.
            Test-Path many.json | Should -BeFalse
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
            $running.AsyncWaitHandle.WaitOne(1000) | Should -BeTrue
            Get-ChildItem -Force | Should -BeNullOrEmpty
            $shell.Dispose()
        }
    }
}
