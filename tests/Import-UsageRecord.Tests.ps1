BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # A file of a form that PowerShell's own cmdlets cannot change on the way.
    function Write-TestFile([string] $Name, [string] $Content) {
        $path = Join-Path $TestDrive ([guid]::NewGuid().ToString('N')) $Name
        $null = New-Item -ItemType Directory (Split-Path $path)
        [System.IO.File]::WriteAllText($path, $Content)
        $path
    }

    # Records with everything that could be lost on the way, the same at every run.
    function Get-RandomRecord([int] $Count, [int] $Seed) {
        $random = [random]::new($Seed)
        $texts = 'plain', 'a,b', 'say "hi"', "two`nlines", "carriage`r`nreturn", '🦊 emoji', 'colons: http://a:1/', "tab`t", 'back\slash', 'ünïcode', '=1+1', "'quoted'", '{"json":[1]}'
        foreach ($i in 1..$Count) {
            $digits = -join (1..$random.Next(1, 28) | ForEach-Object { $random.Next(10) })
            $decimals = $random.Next([math]::Min(18, $digits.Length) + 1)
            $quantity = ($digits.PadLeft($decimals + 1, '0').Insert([math]::Max(1, $digits.Length - $decimals), '.')).TrimEnd('.')
            $metadata = [ordered]@{}
            foreach ($key in 1..$random.Next(1, 5)) { $metadata[$texts[$random.Next($texts.Count)]] = $texts[$random.Next($texts.Count)], 1.50d, $true, $null | Get-Random -SetSeed $random.Next() }
            [pscustomobject]@{
                Timestamp  = [datetimeoffset]::new(2026, 1, 1, 0, 0, 0, [timespan]::Zero).AddTicks(10 * $random.NextInt64(30L * 86400 * 1000000))
                Service    = 'api', 'storage', 'bandwidth' | Get-Random -SetSeed $random.Next()
                Quantity   = $quantity
                # A record may cost 1e15 at most.
                UnitCost   = $quantity.Split('.')[0].Length -gt 13 ? '0' : ('0', '0.0001', '0.0000000001', '12.5' | Get-Random -SetSeed $random.Next())
                Metadata   = $random.Next(4) ? ($metadata | ConvertTo-Json -Compress) : '{}'
                CustomerId = 'one', 'two', 'thrée, "3"' | Get-Random -SetSeed $random.Next()
                EventKey   = $random.Next(2) ? "key-$i,`"x`"" : $null
            }
        }
    }

    function Format-CsvCell([string] $Text) { $Text -match '[",\r\n]' ? '"' + $Text.Replace('"', '""') + '"' : $Text }

    # The file that Export-Usage writes, as design section 6 has it.
    function ConvertTo-ExportText([object[]] $Record, [string] $Prefix, [string] $Format) {
        $lines = foreach ($record in $Record) {
            $time = $record.Timestamp.ToString($record.Timestamp.Ticks % 10000000 ? 'yyyy-MM-dd HH:mm:ss.ffffff' : 'yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture)
            if ($Format -eq 'Csv') {
                ($time, $record.Service, $record.Quantity, $record.UnitCost, '1', $record.Metadata, "$Prefix$($record.CustomerId)", $record.EventKey, '5' |
                    ForEach-Object { Format-CsvCell $_ }) -join ','
            }
            else {
                $number = $record.Quantity -replace '^0+(?=\d)'
                '{"timestamp":"' + $time + '","service":"' + $record.Service + '","quantity":' + $number + ',"unit_cost":' + $record.UnitCost + ',"total_cost":1,"metadata":' +
                $record.Metadata + ',"customer_id":' + ("$Prefix$($record.CustomerId)" | ConvertTo-Json) + ',"event_key":' + ($record.EventKey | ConvertTo-Json) + ',"id":5}'
            }
        }
        ($Format -eq 'Csv' ? @('timestamp,service,quantity,unit_cost,total_cost,metadata,customer_id,event_key,id') + $lines : $lines) -join "`n"
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Import-UsageRecord to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:time = $store.Path ? 'recorded_at' : "to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US""Z""')"

            function Get-Stored([string] $Columns = 'service_name, quantity') {
                $null = Invoke-UsageFlush
                Invoke-Sql $store "select $Columns from billing_usage_records where customer_id = '$customer' order by usage_id"
            }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            Connect-UsageStore @address -CustomerId $customer
        }

        It 'brings the same records back from an export as <Format>' -ForEach @{ Format = 'Csv'; Seed = 11 }, @{ Format = 'Ndjson'; Seed = 12 } {
            $records = Get-RandomRecord -Count 300 -Seed $Seed
            $records | Select-Object *, @{ n = 'CustomerId'; e = { "$Format-added-$($_.CustomerId)" } } -ExcludeProperty CustomerId | Add-UsageRecord
            $file = Write-TestFile "usage.$($Format.ToLowerInvariant())" (ConvertTo-ExportText $records "$Format-import-" $Format)
            $info = Import-UsageRecord $file
            $info.Path, $info.Records, $info.Rejected | Should -Be $file, 300, 0
            $null = Invoke-UsageFlush
            $expected, $actual = foreach ($how in 'added', 'import') {
                # The quoting that psql and sqlite3 leave out comes from hex.
                $hex = $store.Path ? 'hex({0})' : "encode(convert_to({0}, 'UTF8'), 'hex')"
                $columns = ('customer_id', 'metadata', "coalesce(event_key, '-')" | ForEach-Object { $hex -f ($store.Path ? $_ : "($_)::text") }) -join ', '
                , @(Invoke-Sql $store "select $time, service_name, quantity, unit_cost, $columns from billing_usage_records where customer_id like '$Format-$how-%' order by recorded_at, quantity" |
                        ForEach-Object { $_.ToLowerInvariant() -replace [convert]::ToHexString([System.Text.Encoding]::UTF8.GetBytes("$Format-$how-")).ToLowerInvariant() })
            }
            $expected.Count | Should -Be 300
            $actual | Should -Be $expected
        }

        It 'reads the times of an export in UTC, those of other files in the zone in force, and all in the zone given' {
            $export = Write-TestFile a.csv "timestamp,service,quantity,unit_cost,total_cost,metadata`n2026-07-01 12:00:00,api,1,,,`n2026-07-01T12:00:00-03:00,api,2,,,`n"
            $other = Write-TestFile b.csv "timestamp,service`n2026-07-01 12:00:00,api`n"
            Set-UsageOption -TimeZone Europe/Berlin
            try {
                $null = $export, $other | Import-UsageRecord
                $null = Import-UsageRecord $export -TimeZone Asia/Tokyo
            }
            finally { Set-UsageOption -TimeZone UTC }
            Get-Stored $time | ForEach-Object { $_.Substring(11, 5) } | Should -Be '12:00', '15:00', '10:00', '03:00', '15:00'
        }

        It 'names file and line of what is bad, keeps such lines, and imports them once they are mended' {
            $file = Write-TestFile 'bad.csv' "service,quantity,note`napi,1,x`nnosuch,2,`"a`nb`"`napi,`"3,5`",y`napi,4`napi,5,z"
            $rejects = Join-Path (Split-Path $file) rejects.csv
            $info = Import-UsageRecord $file -RejectPath $rejects -ErrorAction SilentlyContinue -ErrorVariable problem
            $info.Records, $info.Rejected | Should -Be 2, 3
            $problem.FullyQualifiedErrorId | ForEach-Object { ($_ -split ',')[0] } | Should -Be UnknownService, InvalidQuantity, InvalidLine
            "$($problem[0])" | Should -BeLike 'bad.csv:3: There is no service ''nosuch''.*'
            "$($problem[1])" | Should -BeLike 'bad.csv:5: ''3,5'' is no number.*'
            "$($problem[2])" | Should -BeLike 'bad.csv:6: The line has 2 values, the header 3.*'
            $problem[1].TargetObject | Should -Be 'api,"3,5",y'
            Get-Content $rejects -Raw | Should -BeExactly "service,quantity,note`nnosuch,2,`"a`nb`"`napi,`"3,5`",y`napi,4`n"
            (Get-Content $rejects -Raw) -replace 'nosuch', 'storage' -replace '"3,5"', '3.5' -replace 'api,4', 'api,4,' | Set-Content $rejects -NoNewline
            (Import-UsageRecord $rejects).Records | Should -Be 3
            Get-Stored | Should -Be 'api|1', 'api|5', 'storage|2', 'api|3.5', 'api|4'
            (Get-ChildItem (Split-Path $file)).Count | Should -Be 2
        }

        It 'imports nothing twice where there is an event key' {
            $file = Write-TestFile a.csv "service,quantity,id`napi,1,k1`napi,2,k2`n"
            1..2 | ForEach-Object { $null = Import-UsageRecord $file -Map @{ EventKey = 'id' } }
            (Invoke-UsageFlush).Duplicates | Should -Be 2
            Get-Stored 'quantity, event_key' | Should -Be '1|k1', '2|k2'
        }

        It 'takes values from other columns and from script blocks' {
            $csv = Write-TestFile a.csv "svc,bytes,when,tag`nbandwidth,1610612736,2026-01-05T10:00Z,x`n"
            $map = @{ Service = 'svc'; Quantity = { [decimal] $_.bytes / 1GB }; Timestamp = 'WHEN'; Metadata = { @{ tag = $_.tag } }; EventKey = { $_.svc + $_.bytes } }
            (Import-UsageRecord $csv -Map $map).Records | Should -Be 1
            $json = Write-TestFile a.json '[{"kind":"api","n":{"calls":3}},{"kind":"api"}]'
            $info = Import-UsageRecord $json -Map @{ Service = 'kind'; Quantity = { $_.n.calls } } -ErrorAction SilentlyContinue -ErrorVariable problem
            $info.Records, $info.Rejected, $problem.Count | Should -Be 1, 1, 1
            "$problem" | Should -BeLike 'a.json:1: The quantity is null.*'
            Get-Stored "service_name, quantity, event_key" | Should -Be 'bandwidth|1.5|bandwidth1610612736', 'api|3|'
            "$((Get-UsageRecord -Start 2026-01-05 -End 2026-01-05).Metadata)" | Should -Be '{"tag":"x"}'
        }

        It 'says which script block of the map failed, and goes on' {
            $file = Write-TestFile a.csv "service,n`napi,1`napi,x`napi,3`n"
            $info = Import-UsageRecord $file -Map @{ Quantity = { [int] $_.n } } -ErrorAction SilentlyContinue -ErrorVariable problem
            $info.Records, $info.Rejected | Should -Be 2, 1
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'MapFailed,*'
            "$($problem[0])" | Should -BeLike 'a.csv:3: The script block for Quantity failed: *'
            Get-Stored | Should -Be 'api|1', 'api|3'
        }

        It 'lets -CustomerId and -Service win over the file' {
            $file = Write-TestFile a.csv "service,customer_id,quantity`nx,y,2`n"
            $null = Import-UsageRecord $file -CustomerId $customer -Service API
            Get-Stored | Should -Be 'api|2'
        }

        It 'adds nothing with -AllOrNothing where a line is bad: <Name>' -ForEach @(
            @{ Name = 'in a file'; Run = { Import-UsageRecord $good, $bad -AllOrNothing -RejectPath $rejects @quiet } }
            @{ Name = 'among texts'; Run = { Import-UsageRecord -InputObject 'api:1', 'api:x' -AllOrNothing @quiet } }
            @{ Name = 'a file that is not there'; Run = { Import-UsageRecord $good, /nowhere/a.csv -AllOrNothing @quiet } }
        ) {
            $good = Write-TestFile a.csv "service,quantity`napi,1`n"
            $bad = Write-TestFile b.csv "service,quantity`napi,2`napi,x`n"
            $rejects = Join-Path (Split-Path $bad) rejects.csv
            $quiet = @{ ErrorAction = 'SilentlyContinue'; WarningAction = 'SilentlyContinue'; WarningVariable = 'warning' }
            $info = . $Run
            ($info.Records | Measure-Object -Sum).Sum | Should -Be 0
            "$warning" | Should -BeLike 'Nothing was added*'
            Get-Stored | Should -BeNullOrEmpty
        }

        It 'adds everything with -AllOrNothing where no line is bad' {
            $files = (Write-TestFile a.csv "service,quantity`napi,1`n"), (Write-TestFile b.ndjson '{"service":"api","quantity":2}')
            ($files | Import-UsageRecord -AllOrNothing).Records | Should -Be 1, 1
            (Import-UsageRecord -InputObject 'api:3', 'api:4' -AllOrNothing).Records | Should -Be 2
            Get-Stored | Should -Be 'api|1', 'api|2', 'api|3', 'api|4'
        }

        It 'takes the original''s texts, from the pipeline too' {
            $texts = 'api:1:{"url":"http://a:80/\"q\"","n":1}', 'storage:2.5', 'database:3:'
            $info = $texts | Import-UsageRecord
            $info.Path, $info.Records, $info.Rejected | Should -Be $null, 3, 0
            $info = Import-UsageRecord -InputObject ($texts + 'api', 'api:', 'api:x') -ErrorAction SilentlyContinue -ErrorVariable problem
            $info.Records, $info.Rejected | Should -Be 4, 2
            "$($problem[1])" | Should -BeLike 'text 6: ''x'' is no number.*'
            Get-Stored | Should -Be 'api|1', 'storage|2.5', 'database|3', 'api|1', 'storage|2.5', 'database|3', 'api|1'
            (Get-UsageRecord api -First 2).Metadata.url | Should -Contain 'http://a:80/"q"'
        }

        It 'takes files by wildcard, from the pipeline, and by a name that looks like a wildcard' {
            $folder = Split-Path (Write-TestFile 'a1.csv' "service,quantity`napi,1`n")
            [System.IO.File]::WriteAllText("$folder/a2.csv", "service,quantity`napi,2`n")
            [System.IO.File]::WriteAllText("$folder/[x].csv", "service,quantity`napi,3`n")
            (Import-UsageRecord "$folder/a*.csv").Records | Should -Be 1, 1
            (Get-ChildItem $folder | Import-UsageRecord).Count | Should -Be 3
            (Import-UsageRecord -LiteralPath "$folder/[x].csv").Records | Should -Be 1
            Get-Stored quantity | Sort-Object | Should -Be '1', '1', '2', '2', '3', '3'
        }

        It 'reads numbers and times alike in every culture' {
            $file = Write-TestFile a.csv "timestamp,service,quantity`n2026-01-30 16:45:23.5,api,1.5`n"
            $culture = [cultureinfo]::CurrentCulture
            try {
                [cultureinfo]::CurrentCulture = 'de-DE'
                $null = Import-UsageRecord $file
            }
            finally { [cultureinfo]::CurrentCulture = $culture }
            Get-Stored "quantity, $time" | Should -Be '1.5|2026-01-30 16:45:23.500000Z'
        }

        It 'imports nothing with -WhatIf' {
            $source = Write-TestFile a.csv "service`napi`n"
            Get-HostText { Import-UsageRecord $source -WhatIf } | Should -BeLike "*$source*"
            Get-HostText { 'api:1' | Import-UsageRecord -WhatIf } | Should -BeLike '*service:quantity:metadata*'
            Get-Stored | Should -BeNullOrEmpty
        }

        It 'stops at Ctrl-C, and keeps what it has added' {
            $file = Write-TestFile big.csv ("service,quantity`n" + ("api,1`n" * 3000000))
            $shell = [powershell]::Create().AddScript({ param($module, $file) Import-Module $module; Import-UsageRecord $file }).AddArgument((Get-Module UsageTracking).Path).AddArgument($file)
            try {
                # Other tests may have left spools of theirs.
                $before = (Get-UsageQueue | Measure-Object Records -Sum).Sum
                $running = $shell.BeginInvoke()
                for ($i = 0; $i -lt 1000 -and (Get-UsageQueue | Measure-Object Records -Sum).Sum -le $before; $i++) { Start-Sleep -Milliseconds 10 }
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
                $running.AsyncWaitHandle.WaitOne(1000) | Should -BeTrue
            }
            finally { $shell.Dispose() }
            $null = Invoke-UsageFlush -Timeout 120
            (Get-Usage api).Events | Should -BeGreaterThan 0
            (Get-Usage api).Events | Should -BeLessThan 3000000
        }
    }
}

Describe 'Import-UsageRecord' {
    BeforeAll { Connect-UsageStore (Join-Path $TestDrive usage.db) }
    AfterAll {
        $null = Invoke-UsageFlush
        Disconnect-UsageStore
    }

    It 'says what is wrong with a file and goes on with the next: <ErrorId>' -ForEach @(
        @{ ErrorId = 'FileNotFound'; Path = { '/nowhere/a.csv' }; Message = 'There is no file ''/nowhere/a.csv''.' }
        @{ ErrorId = 'NotAFile'; Path = { (New-Item -ItemType Directory (Join-Path $TestDrive 'folder.csv') -Force).FullName }; Message = '*is a folder*' }
        @{ ErrorId = 'NotAFile'; Path = { 'Env:PATH' }; Message = '*is in Environment*' }
        @{ ErrorId = 'UnknownFormat'; Path = { Write-TestFile a.txt 'x' }; Message = '*-Format*' }
        @{ ErrorId = 'ColumnNotFound'; Path = { Write-TestFile a.csv "svc,n`napi,1`n" }; Message = '*-Map*There are: svc, n.' }
        @{ ErrorId = 'InvalidFile'; Path = { Write-TestFile a.json '[{"service":"api"},' }; Message = 'a.json: Line 1: The file ends*' }
        @{ ErrorId = 'FileNotRead'; Path = { Write-TestFile a.csv.gz 'not packed at all' }; Message = '*cannot be read*' }
    ) {
        $good = Write-TestFile good.csv "service`napi`n"
        $info = Import-UsageRecord (& $Path), $good -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -Be "$ErrorId,UsageTracking.Cmdlets.Commands.ImportUsageRecordCommand"
        "$problem" | Should -BeLike $Message
        $info[-1].Path, $info[-1].Records | Should -Be $good, 1
    }

    It 'takes the format that is given, whatever the name' {
        (Import-UsageRecord (Write-TestFile a.txt '{"service":"api"}') -Format Ndjson).Records | Should -Be 1
    }

    It 'ends the call where <Name>' -ForEach @(
        @{ Name = 'the map names what no record has'; ErrorId = 'InvalidMap'; Arguments = @{ Map = @{ Amount = 'x' } } }
        @{ Name = 'the map says nothing usable'; ErrorId = 'InvalidMap'; Arguments = @{ Map = @{ Quantity = 5 } } }
        @{ Name = 'there is no such service'; ErrorId = 'UnknownService'; Arguments = @{ Service = 'nosuch' } }
        @{ Name = 'there is no such zone'; ErrorId = 'InvalidTimeZone'; Arguments = @{ TimeZone = 'Mars/Base' } }
        @{ Name = 'the customer is none'; ErrorId = 'InvalidCustomerId'; Arguments = @{ CustomerId = 'a*' } }
        @{ Name = 'bad lines cannot be kept'; ErrorId = 'FolderNotFound'; Arguments = @{ RejectPath = '/nowhere/r.csv' } }
    ) {
        $file = Write-TestFile a.csv "service`napi`n"
        { Import-UsageRecord $file @Arguments } | Should -Throw -ErrorId "$ErrorId,UsageTracking.Cmdlets.Commands.ImportUsageRecordCommand"
    }

    It 'does not keep bad lines in the file it reads' {
        $file = Write-TestFile a.csv "service`nnosuch`n"
        Import-UsageRecord $file -RejectPath $file -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'RejectFileIsInput,*'
        Get-Content $file | Should -Be service, nosuch
    }

    It 'imports nothing of a file whose bad lines could not be kept' {
        $file = Write-TestFile a.csv "service`napi`nnosuch`n"
        Set-Content "$file.bad" 'service,quantity', 'api,x'
        $before = (Get-Usage api).Events
        Import-UsageRecord $file -RejectPath "$file.bad" -ErrorAction SilentlyContinue -ErrorVariable problem | Should -BeNullOrEmpty
        $problem.FullyQualifiedErrorId | Should -BeLike 'RejectFileDiffers,*'
        (Get-Usage api).Events | Should -Be $before
        Get-Content "$file.bad" | Should -Be 'service,quantity', 'api,x'
    }

    It 'shows how far it is with what takes more than a second' -Skip:$IsWindows {
        # A pipe that stands still for a while.
        $pipe = Join-Path $TestDrive slow.ndjson
        mkfifo $pipe
        $writer = Start-ThreadJob {
            $file = [System.IO.StreamWriter]::new($using:pipe)
            foreach ($i in 1..8) { $file.WriteLine('{"service":"api"}'); $file.Flush(); Start-Sleep -Milliseconds 250 }
            $file.Dispose()
        }
        $shell = [powershell]::Create().AddScript({ param($module, $file) Import-Module $module; Import-UsageRecord $file }).AddArgument((Get-Module UsageTracking).Path).AddArgument($pipe)
        try {
            $shell.Invoke().Records | Should -Be 8
            $shell.Streams.Progress.Count | Should -BeIn (2..11)
            $shell.Streams.Progress[-1].RecordType | Should -Be Completed
            $shell.Streams.Progress[0].StatusDescription | Should -BeLike 'slow.ndjson: * records read'
        }
        finally { $shell.Dispose() }
        $null = $writer | Receive-Job -Wait -AutoRemoveJob
    }

    It 'keeps the records before a line at which the caller stops, and that line' {
        $file = Write-TestFile a.csv "service`napi`nnosuch`napi`n"
        $before = (Get-Usage api).Events
        { Import-UsageRecord $file -RejectPath "$file.bad" -ErrorAction Stop } | Should -Throw 'a.csv:3: *'
        (Get-Usage api).Events - $before | Should -Be 1
        Get-Content "$file.bad" | Should -Be service, nosuch
    }

    It 'shows a table' {
        $file = Write-TestFile a.csv "service`napi`n"
$table = ($file | Import-UsageRecord | Out-String -Width 300) -replace '\e\[[\d;]*m'
        $table.Trim() -split '\s*\n' | ForEach-Object { $_.Trim() -replace '\s+', ' ' } | Select-Object -First 1 | Should -Be 'Records Rejected Duration Path'
        $table | Should -Match "\s1\s+0\s+\d\.\d{3} s $([regex]::Escape($file))"
    }
}
