BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    function Format-Anomaly { process { "$($_.Period.ToString('yyyy-MM-dd HH:mmzzz')) $($_.Service) $($_.Expected) $($_.Actual) $($_.Spread) $($_.Weeks)" } }
    # Quantities of one hour of the week, week by week; the last one is at 9 o'clock on Monday, 2 March 2026.
    function Get-Week([string] $Customer, [decimal[]] $Quantity, [string] $Service = 'api', [datetimeoffset] $Last = '2026-03-02T09:00Z') {
        for ($i = 0; $i -lt $Quantity.Count; $i++) {
            [pscustomobject]@{ CustomerId = $Customer; Service = $Service; Quantity = $Quantity[$i]; Timestamp = $Last.AddDays(7 * ($i + 1 - $Quantity.Count)) }
        }
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageAnomaly on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            $(
                # Of 10 90 100 100 110 110 120 120 the median is 105; the distances from it are 95 15 5 5 5 5 15 15, whose median is 10.
                Get-Week acme 10, 90, 100, 100, 110, 110, 120, 120, 200
                Get-Week low 10, 90, 100, 100, 110, 110, 120, 120, 1
                Get-Week usual 10, 90, 100, 100, 110, 110, 120, 120, 115
                Get-Week four 100, 100, 100, 100, 5000000
                Get-Week three 100, 100, 100, 5000000
                Get-Week twelve 1000, 1000, 1000, 1000, 100, 100, 100, 100, 100, 100, 100, 100, 1000 compute
                # 00:30 in Berlin; the clocks do not change in these weeks.
                Get-Week berlin 100, 100, 100, 100, 900 -Last 2026-03-01T23:30Z
            ) | Add-UsageRecord
            $null = Invoke-UsageFlush
            $script:march = @{ Start = '2026-03-01'; End = '2026-03-03' }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'has these properties' {
            $anomaly = Get-UsageAnomaly api @march
            $anomaly.psobject.Properties.Name | Should -Be 'Period', 'Service', 'Expected', 'Actual', 'Score', 'Spread', 'Weeks', 'Unit', 'PeriodKind', 'CustomerId'
            $anomaly.Unit, "$($anomaly.PeriodKind)", $anomaly.CustomerId | Should -Be 'requests', 'Hourly', 'acme'
        }

        It 'scores by median and median distance of the same hour in the weeks before' {
            $anomaly = Get-UsageAnomaly api Hourly -Floor 0 @march
            $anomaly | Format-Anomaly | Should -Be '2026-03-02 09:00+00:00 api 105 200 10 8'
            $anomaly.Score | Should -Be 6.407662215028d # 95 / (1.4826 x 10), to 12 decimals
            (Get-UsageAnomaly api -CustomerId low -Floor 0 @march).Score | Should -Be (-7.014703898557d) # -104 / 14.826
            Get-UsageAnomaly api -CustomerId usual -Floor 0 @march | Should -BeNullOrEmpty
        }

        It 'has a threshold' {
            Get-UsageAnomaly api -Floor 0 -Threshold 6.41 @march | Should -BeNullOrEmpty
            Get-UsageAnomaly api -Floor 0 -Threshold 6.4 @march | Should -HaveCount 1
            Get-UsageAnomaly api -CustomerId usual -Floor 0 -Threshold 0.6 @march | Should -HaveCount 1 # 10 / 14.826 = 0.67
            { Get-UsageAnomaly -Threshold 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        }

        It 'never takes the spread for less than the floor' {
            (Get-UsageAnomaly api -Floor 18 @march).Spread | Should -Be 18 # 95 / (1.4826 x 18) = 3.56
            Get-UsageAnomaly api -Floor 19 @march | Should -BeNullOrEmpty # 3.37
            # A MAD of 0 and no floor: nothing can be said.
            Get-UsageAnomaly api -CustomerId four -Floor 0 @march | Should -BeNullOrEmpty
        }

        It 'takes a tenth of the average usage per period for the floor by default' {
            $anomaly = Get-UsageAnomaly api -CustomerId four -Start 2026-02-24 -End 2026-03-03
            $anomaly.Weeks, $anomaly.Expected | Should -Be 4, 100
            # 5000400 in all, over the hours from the first usage, on 2 February, to the end of the range.
            $hours = ([datetimeoffset]'2026-03-04T00:00Z' - [datetimeoffset]'2026-02-02T09:00Z').TotalHours
            [math]::Abs($anomaly.Spread - 500040d / $hours) | Should -BeLessThan 1e-9
        }

        It 'says nothing with fewer than four weeks, and looks at no more than -Weeks' {
            Get-UsageAnomaly api -CustomerId three @march | Should -BeNullOrEmpty
            (Get-UsageAnomaly compute -CustomerId twelve -Floor 10 @march).Weeks | Should -Be 8
            (Get-UsageAnomaly compute -CustomerId twelve -Floor 10 -Weeks 5 @march).Weeks | Should -Be 5
            $twelve = Get-UsageAnomaly compute -CustomerId twelve -Floor 10 -Weeks 12 @march
            $twelve.Weeks, $twelve.Expected | Should -Be 12, 100
            { Get-UsageAnomaly -Weeks 3 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        }

        It 'compares days with the same weekday' {
            Get-UsageAnomaly api Daily -Floor 0 @march | Format-Anomaly | Should -Be '2026-03-02 00:00+00:00 api 105 200 10 8'
            { Get-UsageAnomaly api Weekly } | Should -Throw -ExpectedMessage '*Hourly,Daily*'
        }

        It 'cuts hours by the clocks of -TimeZone' {
            Get-UsageAnomaly api -CustomerId berlin -Floor 10 @march -TimeZone Europe/Berlin | Format-Anomaly | Should -Be '2026-03-02 00:00+01:00 api 100 900 10 4'
            Get-UsageAnomaly api -CustomerId berlin -Floor 10 @march | Format-Anomaly | Should -Be '2026-03-01 23:00+00:00 api 100 900 10 4'
            { Get-UsageAnomaly -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'does not judge a period that is only partly in the range' {
            Get-UsageAnomaly api -Floor 0 -Start '2026-03-02 09:01' -End 2026-03-03 | Should -BeNullOrEmpty
            Get-UsageAnomaly api -Floor 0 -Start 2026-03-02 -End '2026-03-02 09:59' | Should -BeNullOrEmpty
            Get-UsageAnomaly api -Floor 0 -Start '2026-03-02 09:00' -End '2026-03-02 10:00' | Should -HaveCount 1
        }

        It 'takes zero for usage where there was none' {
            # On 9 March nothing came.
            Get-UsageAnomaly api -Floor 10 -Start 2026-03-09 -End 2026-03-09 | Format-Anomaly | Should -Be '2026-03-09 09:00+00:00 api 110 0 10 8'
        }

        It 'is about the last 7 complete days and today by default, and what is not over is not judged' {
            $hour = [datetimeoffset]::new([datetime]::UtcNow.Date, [timespan]::Zero).AddDays(-1).AddHours(9)
            Get-Week recent 100, 100, 100, 100, 900 -Last $hour | Add-UsageRecord
            Get-Week older 100, 100, 100, 100, 900 -Last $hour.AddDays(-8) | Add-UsageRecord
            $now = [datetimeoffset]::UtcNow
            Get-Week now 100, 100, 100, 100, 900 -Last $now.AddMinutes(-$now.Minute).AddSeconds(-$now.Second) | Add-UsageRecord
            (Get-UsageAnomaly api -CustomerId recent -Floor 10).Actual | Should -Be 900
            (Get-UsageAnomaly api -CustomerId older -Floor 10).Actual | Should -Not -Contain 900
            (Get-UsageAnomaly api -CustomerId now -Floor 10).Actual | Should -Not -Contain 900
        }

        It 'takes several customers, services and wildcards, in catalogue order' {
            Get-UsageAnomaly -CustomerId acme, low, tw* -Floor 10 -Start 2026-03-02 -End 2026-03-02 | ForEach-Object { "$($_.Service) $($_.CustomerId)" } |
                Should -Be 'api acme', 'api low', 'compute twelve'
            Get-UsageAnomaly -CustomerId nothing* @march | Should -BeNullOrEmpty
            { Get-UsageAnomaly nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Get-UsageAnomaly -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'takes service, customer and range down the pipeline' {
            $rows = foreach ($customer in 'low', 'acme') { [pscustomobject]@{ Service = 'api'; CustomerId = $customer; From = '2026-03-02'; To = '2026-03-02'; Period = 'Daily' } }
            ($rows | Get-UsageAnomaly -Floor 0).Actual | Should -Be 1, 200
        }

        It 'shows figures with K, M and units, and scores with their sign' {
            $text = Get-UsageAnomaly api -CustomerId acme, low, four -Floor 10 @march | Out-String -Width 120
            $text | Should -Match '(?m)^Period +Service +Customer +Expected +Actual +Unit +Score\s*$'
            $text | Should -Match '(?m)^2026-03-02 09:00 \+00:00 +api +acme +105 +200 +requests +\+6\.4\s*$'
            $text | Should -Match '(?m)^2026-03-02 09:00 \+00:00 +api +low +105 +1 +requests +-7\.0\s*$'
            $text | Should -Match '(?m)^2026-03-02 09:00 \+00:00 +api +four +100 +5M +requests +\+337,238\.6\s*$'
            $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
        }
    }
}
