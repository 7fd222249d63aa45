# An Apache access log becomes api and bandwidth records, and every report says what a count of the log's lines says.

BeforeDiscovery {
    . $PSScriptRoot/Common.ps1

    $realLog = Join-Path $PSScriptRoot ../../shared/data/access.log
    $script:cases = foreach ($kind in Get-TestStore) {
        @{ Kind = $kind.Kind; Name = 'a made-up log'; Path = $null; Skip = $kind.Skip }
        @{ Kind = $kind.Kind; Name = 'a real log'; Path = $realLog; Skip = $kind.Skip -or -not ((Test-Path $realLog) -and (Get-Command awk -ErrorAction Ignore)) }
    }
}
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # The two records of a log line: one request, and the bytes of its body where it has one ('-' means that it has none).
    filter ConvertTo-UsageEvent {
        if ($_ -notmatch '^\S+ \S+ \S+ \[(?<time>[^]]+)\] "(?<method>\S+) (?<path>.*?) HTTP/[\d.]+" (?<status>\d{3}) (?<size>\d+|-) ') { throw "What is this? $_" }
        $time = [datetimeoffset]::ParseExact($Matches.time, 'dd/MMM/yyyy:HH:mm:ss zzz', [cultureinfo]::InvariantCulture)
        $endpoint = $Matches.path -replace '\\(.)', '$1'
        [pscustomobject]@{ Service = 'api'; Timestamp = $time; Metadata = @{ endpoint = $endpoint; method = $Matches.method; status = [int] $Matches.status } }
        if ($Matches.size -ne '-') {
            $bytes = [long] $Matches.size
            [pscustomobject]@{ Service = 'bandwidth'; Timestamp = $time; Quantity = [decimal] $bytes / 1GB; Metadata = @{ bytes = $bytes } }
        }
    }

    # A log of 240 lines over five days, and what is in it: per UTC hour 'date hour requests bodies bytes', and per line 'method path status'.
    function Write-AccessLog([string] $Path) {
        $paths = '/', '/a b/c', '/100%25', '/q?x="1"&y=\2', '/Grüße/日本', "/it's", '/{"json":1}', '/$(Get-Date)'
        $offsets = 0, 2, -3.5, 5.75
        $random = [random]::new(42)
        $hours = [System.Collections.Generic.SortedDictionary[string, long[]]]::new()
        $requests = foreach ($n in 1..240) {
            $time = [datetimeoffset]::new(2026, 3, 27, 22, 0, 0, [timespan]::Zero).AddSeconds($n * 1500 + $random.Next(1500))
            $method, $status = ('GET', 'POST', 'HEAD')[$random.Next(3)], (200, 301, 404, 500)[$random.Next(4)]
            $url = $paths[$n % $paths.Count]
            $size = $n % 7 ? $random.NextInt64(1, 5GB) : '-'

            $hour = $hours[$time.ToString('yyyy-MM-dd HH')] ??= [long[]]::new(3)
            $hour[0]++
            if ($size -ne '-') { $hour[1]++; $hour[2] += $size }

            $local = $time.ToOffset([timespan]::FromHours($offsets[$n % 4])).ToString('dd/MMM/yyyy:HH:mm:ss zzz', [cultureinfo]::InvariantCulture) -replace ':(?=..$)'
            Add-Content $Path "192.0.2.$($n % 250) - - [$local] ""$method $($url -replace '([\\"])', '\$1') HTTP/1.1"" $status $size ""-"" ""test \""agent\"" $n"""
            "$method $url $status"
        }
        @{ Hours = $hours.GetEnumerator() | ForEach-Object { "$($_.Key) $($_.Value)" }; Requests = $requests }
    }

    # The same of any log in UTC, counted by awk.
    function Measure-AccessLog([string] $Path) {
        $hours = awk -F '"' '
            { split($1, at, /[[\/: ]+/); split($3, s, " ")
              month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", at[5]) + 2) / 3
              key = sprintf("%s-%02d-%s %s", at[6], month, at[4], at[7])
              requests[key]++; if (s[2] != "-") { bodies[key]++; bytes[key] += s[2] } }
            END { for (key in requests) printf "%s %d %d %.0f\n", key, requests[key], bodies[key], bytes[key] }' $Path
        @{
            Hours    = $hours | Sort-Object
            Requests = awk -F '"' '{ split($2, r, " "); split($3, s, " "); print r[1], r[2], s[1] }' $Path
        }
    }

    function Join-Sorted([string[]] $Line) {
        [array]::Sort($Line, [System.StringComparer]::Ordinal)
        $Line -join "`n"
    }

    # 'period requests bodies bytes' of what Measure-Usage or Get-Usage -Detailed wrote.
    function Format-Period([object[]] $Report, [scriptblock] $Name, [string] $Count, [string] $Quantity) {
        $Report | Group-Object $Name | ForEach-Object {
            $api, $bandwidth = foreach ($service in 'api', 'bandwidth') { $_.Group | Where-Object Service -EQ $service }
            "$($_.Name) $($api.$Quantity) $([long] $bandwidth.$Count) $([math]::Round([decimal] $bandwidth.$Quantity * 1GB))"
        }
    }

    # The same lines from an hour's lines to a day's.
    function Merge-Hour([string[]] $Line) {
        $Line | ForEach-Object { , -split $_ } | Group-Object { $_[0] } | ForEach-Object {
            $sum = 0L, 0L, 0L
            foreach ($part in $_.Group) { foreach ($i in 0..2) { $sum[$i] += [long] $part[$i + 2] } }
            "$($_.Name) $sum"
        }
    }
}

foreach ($case in $cases) {
    Describe "The records of $($case.Name) in $($case.Kind)" -ForEach $case -Skip:$case.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            if ($Path) {
                $script:log = $Path
                $script:expected = Measure-AccessLog $log
            }
            else {
                $script:log = Join-Path $TestDrive "$($store.Name).log"
                $script:expected = Write-AccessLog $log
            }
            $script:days = Merge-Hour $expected.Hours
            $script:requests = $expected.Requests.Count
            $script:bodies = ($expected.Hours | ForEach-Object { [long] (-split $_)[3] } | Measure-Object -Sum).Sum
            $script:bytes = ($expected.Hours | ForEach-Object { [decimal] (-split $_)[4] } | Measure-Object -Sum).Sum
            $script:range = @{ Start = (-split $days[0])[0]; End = (-split $days[-1])[0] }

            Get-Content $log | ConvertTo-UsageEvent | Add-UsageRecord
            $script:flush = Invoke-UsageFlush
        }
        AfterAll { Remove-TestStore $store }

        It 'are all stored' {
            $flush.Committed, $flush.Rejected, $flush.Remaining | Should -Be ($requests + $bodies), 0, 0
        }

        It 'are what the store''s own program counts' {
            $byte = $store.Path ? "json_extract(metadata, '$.bytes')" : "(metadata ->> 'bytes')::numeric"
            Invoke-Sql $store "select service_name, count(*), sum($byte) from billing_usage_records group by service_name order by service_name" |
                Should -Be "api|$requests|", "bandwidth|$bodies|$bytes"
        }

        It 'are what Get-Usage sums up, to the byte' {
            $api, $bandwidth = Get-Usage api, bandwidth @range
            $api.Events, $api.Quantity, $api.Cost | Should -Be $requests, $requests, ($requests * 0.0001d)
            $bandwidth.Events | Should -Be $bodies
            [math]::Round($bandwidth.Quantity * 1GB) | Should -Be $bytes
        }

        It 'are what Get-Usage sums up per day' {
            $lines = Format-Period (Get-Usage api, bandwidth @range -Detailed) { $_.Date.ToString('yyyy-MM-dd') } Events Quantity
            Join-Sorted $lines | Should -Be (Join-Sorted $days)
        }

        It 'are what Measure-Usage sums up per day' {
            $lines = Format-Period (Measure-Usage Daily @range) { $_.Period.ToString('yyyy-MM-dd') } EventCount TotalQuantity
            Join-Sorted $lines | Should -Be (Join-Sorted $days)
        }

        It 'are what Measure-Usage sums up per hour' {
            $lines = Format-Period (Measure-Usage Hourly @range) { $_.Period.ToString('yyyy-MM-dd HH') } EventCount TotalQuantity
            Join-Sorted $lines | Should -Be (Join-Sorted $expected.Hours)
        }

        It 'are what Get-UsageRecord reads, line by line' {
            $records = Get-UsageRecord api, bandwidth @range
            $api, $bandwidth = $records.Where({ $_.Service -eq 'api' }, 'Split')
            $lines = foreach ($metadata in $api.Metadata) { "$($metadata.method) $($metadata.endpoint) $($metadata.status)" }
            Join-Sorted $lines | Should -BeExactly (Join-Sorted $expected.Requests)

            ($bandwidth.Metadata.bytes | Measure-Object -Sum).Sum | Should -Be $bytes
            $bandwidth | Where-Object { [math]::Round($_.Quantity * 1GB) -ne $_.Metadata.bytes } | Should -BeNullOrEmpty
        }
    }
}
