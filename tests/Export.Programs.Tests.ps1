# What other programs make of an export: the same figures as the store's own program, and the same text.
BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $programs = @{
        Python   = (Get-Command python3 -ErrorAction Ignore).Source
        OpenPyXl = Find-OpenPyXl
        Jq       = (Get-Command jq -ErrorAction Ignore).Source
        Soffice  = (Get-Command soffice -ErrorAction Ignore).Source
    }
}
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # One record, however the program at hand writes numbers and instants. A number of at most 15 digits survives a double.
    function ConvertTo-Row([string] $Customer, [string] $Service, [string] $Quantity, [string] $Cost, [string] $Time, [string] $Metadata) {
        [pscustomobject]@{
            Group    = "$Customer $Service"
            Quantity = [decimal]::Parse($Quantity, 'Float', [cultureinfo]::InvariantCulture)
            Cost     = [decimal]::Parse($Cost, 'Float', [cultureinfo]::InvariantCulture)
            Time     = $Time -replace 'T', ' ' -replace '(\.\d+)?(Z|\+00:00)?$'
            Metadata = $Metadata
        }
    }

    function Get-Sum($Values) {
        $sum = 0d
        foreach ($value in $Values) { $sum += $value }
        $sum.ToString('0.##################', [cultureinfo]::InvariantCulture)
    }

    # A line per customer and service, and one of all with the first and the last instant.
    function Get-Figure($Rows) {
        $Rows | Group-Object Group | Sort-Object Name -Culture '' | ForEach-Object { "$($_.Name) $($_.Count) $(Get-Sum $_.Group.Quantity) $(Get-Sum $_.Group.Cost)" }
        $times = $Rows.Time | Sort-Object
        "$(@($Rows).Count) $(Get-Sum $Rows.Quantity) $(Get-Sum $Rows.Cost) $($times[0]) $($times[-1])"
    }

    # What the store's own program says of every row, added up here.
    function Get-StoredFigure($Store) {
        $time = $Store.Path ? 'recorded_at' : "to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        Get-Figure (Invoke-Sql $Store "select customer_id, service_name, quantity, unit_cost, $time from billing_usage_records" | ForEach-Object {
                $customer, $service, $quantity, $price, $at = $_.Split('|')
                $cost = [decimal]::Parse($quantity, [cultureinfo]::InvariantCulture) * [decimal]::Parse($price, [cultureinfo]::InvariantCulture)
                ConvertTo-Row $customer $service $quantity $cost.ToString([cultureinfo]::InvariantCulture) $at ''
            })
    }

    # What a strict CSV reader of another language sees, as lists without the header.
    function Read-StrictCsv([string] $Path) {
        $json = & $Python -c 'import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8", newline=""), strict=True))[1:]))' $Path
        $json | ConvertFrom-Json -NoEnumerate -DateKind String | Write-Output
    }

    # Every text that was given comes back, in whatever order.
    function Assert-Text($Rows) {
        foreach ($row in $Rows) {
            $metadata = $row.Metadata | ConvertFrom-Json -AsHashtable
            if ($metadata.text -cne $texts[$metadata.n % $texts.Count]) { throw "Metadata $($metadata.n) is: $($row.Metadata)" }
        }
        [int[]] ($Rows.Metadata | ConvertFrom-Json).n | Sort-Object | Should -Be (1..$count)
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Programs that read an export of $($kind.Kind)" -ForEach ($kind + $programs) -Skip:$kind.Skip {
        BeforeAll {
            $store = New-TestStore -Kind $Kind
            $count = 400
            $texts = @(
                "a `"quoted`", 'single'; c:d, e"
                "a line`nand another`r`nand a`ttab"
                "😀 ü ﷽ 漢字 e$([char] 0x301)"
                '=1+1'
                '  padded, "" and \ and _x0041_ '
                '<a href="x">&amp;</a>'
                'https://example.org:8080/a?b=c:d'
                ''
            )
            $services = 'api', 'storage', 'bandwidth', 'compute', 'database', 'functions'
            $random = [random]::new(1)
            1..$count | ForEach-Object {
                [pscustomobject]@{
                    CustomerId = ('acme', 'beta', 'c-3')[$_ % 3]
                    Service    = $services[$random.Next(6)]
                    Quantity   = $random.Next(1, 100000000) / 1000000d
                    # The first and the last on a whole second, which is what a spreadsheet shows.
                    Timestamp  = [datetimeoffset]::new(2026, 1, 1, 0, 0, 0, [timespan]::Zero).AddHours($_).AddMicroseconds(($_ -in 1, $count) ? 0 : $random.Next(1000000))
                    Metadata   = @{ n = $_; text = $texts[$_ % $texts.Count]; 'key: "with", all' = $_ / 2 }
                }
            } | Add-UsageRecord
            (Invoke-UsageFlush).Committed | Should -Be $count
            $expected = Get-StoredFigure $store
            $expected[-1] | Should -Match "^$count .* 2026-01-01 01:00:00 2026-01-17 16:00:00$"
            $folder = (New-Item -ItemType Directory "$TestDrive/programs-$Kind").FullName
        }
        AfterAll { Remove-TestStore $store }

        It 'a strict CSV reader' {
            if (-not $Python) { Set-ItResult -Skipped -Because 'there is no python3' }
            $rows = Read-StrictCsv (Export-Usage "$folder/usage.csv" -Full -CustomerId *) | ForEach-Object { ConvertTo-Row $_[6] $_[1] $_[2] $_[4] $_[0] $_[5] }
            Get-Figure $rows | Should -Be $expected
            Assert-Text $rows
        }

        It 'jq, <Format>' -ForEach @{ Format = 'json'; Records = '.usage_records[]' }, @{ Format = 'ndjson'; Records = '.' } {
            if (-not $Jq) { Set-ItResult -Skipped -Because 'there is no jq' }
            $file = Export-Usage "$folder/usage.$Format" -CustomerId *
            $rows = & $Jq -c "$Records | [.customer_id, .service, (.quantity, .total_cost | tojson), .timestamp, (.metadata | tojson)]" $file |
                ForEach-Object { , ($_ | ConvertFrom-Json -DateKind String) } | ForEach-Object { ConvertTo-Row $_[0] $_[1] $_[2] $_[3] $_[4] $_[5] }
            $LASTEXITCODE | Should -Be 0
            Get-Figure $rows | Should -Be $expected
            Assert-Text $rows
            if ($Format -eq 'json') {
                & $Jq -c '[.summary.total_events, (.usage_records | length), .summary.total_cost]' $file | Should -Be "[$count,$count,$($expected[-1].Split(' ')[2])]"
            }
        }

        It 'openpyxl' {
            if (-not $OpenPyXl) { Set-ItResult -Skipped -Because 'there is no openpyxl' }
            # repr has all digits of a double. The code of an underscore it takes back in shared strings only, not in those of a cell.
            $cells = & $OpenPyXl -c @'
import json, openpyxl, sys
sheet = openpyxl.load_workbook(sys.argv[1])["Records"]
for row in sheet.iter_rows(min_row=2):
    assert [c.data_type for c in row[:6]] == list("dsnnns"), [c.data_type for c in row]
    print(json.dumps([str(row[6].value), row[1].value, repr(row[2].value), repr(row[4].value), str(row[0].value), row[5].value.replace("x005F_", "")]))
'@ (Export-Usage "$folder/openpyxl.xlsx" -CustomerId *)
            $LASTEXITCODE | Should -Be 0
            $rows = $cells | ForEach-Object { , ($_ | ConvertFrom-Json -DateKind String) } | ForEach-Object { ConvertTo-Row $_[0] $_[1] $_[2] $_[3] $_[4] $_[5] }
            Get-Figure $rows | Should -Be $expected
            Assert-Text $rows
        }

        It 'LibreOffice' {
            if (-not ($Soffice -and $Python)) { Set-ItResult -Skipped -Because 'there is no LibreOffice, or no python3' }
            $file = Export-Usage "$folder/office.xlsx" -CustomerId *
            # Every sheet as a CSV, in UTF-8: text in quotes, numbers without and with all digits.
            $options = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true,false,false,false,-1'
            # A profile of its own: it neither waits for another instance nor leaves anything behind.
            $arguments = "-env:UserInstallation=file://$folder/profile", '--headless', '--norestore', '--convert-to', "`"$options`"", '--outdir', $folder, $file.FullName
            $process = Start-Process $Soffice $arguments -PassThru -RedirectStandardOutput "$folder/out.txt" -RedirectStandardError "$folder/err.txt"
            $process.WaitForExit(120000) | Should -BeTrue
            Get-ChildItem $folder -Filter *.csv | ForEach-Object Name | Should -Contain 'office-Records.csv' -Because (Get-Content "$folder/out.txt", "$folder/err.txt" -Raw)

            $lines = [System.IO.File]::ReadAllLines("$folder/office-Records.csv")
            # A date or a number that were text would have quotes.
            $lines | Select-Object -Skip 1 | Where-Object { $_ -notmatch '^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,"[a-z]+",[-\d.E]+,[-\d.E]+,[-\d.E]+,"' } | Should -BeNullOrEmpty
            $rows = Read-StrictCsv "$folder/office-Records.csv" | ForEach-Object { ConvertTo-Row $_[6] $_[1] $_[2] $_[4] $_[0] $_[5] }
            Get-Figure $rows | Should -Be $expected
            Assert-Text $rows
            # The summary says the same, and the total of the costs beneath.
            $summary = @(Read-StrictCsv "$folder/office-Summary.csv" | ForEach-Object { $_ -join ' ' } | Select-Object -Last $expected.Count)
            $summary | Select-Object -SkipLast 1 | Sort-Object -Culture '' | Should -Be ($expected | Select-Object -SkipLast 1)
            $summary[-1] | Should -Be "total  $count  $($expected[-1].Split(' ')[2])"
        }

        It 'and leaves the store as it was' {
            Get-StoredFigure $store | Should -Be $expected
        }
    }
}
