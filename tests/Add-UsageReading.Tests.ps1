BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageReading to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'records the difference at the later reading' {
            $first = Add-UsageReading -Total 1000 -Timestamp 2026-06-01 @my
            $second = Add-UsageReading -Total 1020.5 -Timestamp '2026-06-02 05:30' @my

            $first.Interpretation, $first.Usage, $first.Meter | Should -Be Baseline, 0, default
            $second.GetType().FullName | Should -Be UsageTracking.Readings.UsageReading
            $second.CustomerId, $second.Service, $second.Unit, $second.Kind, $second.Value, $second.Usage, $second.Allowance, $second.Previous, $second.Interpretation |
                Should -Be $customer, 'bandwidth', 'GB', 'Total', 1020.5, 20.5, 0, 1000, 'Usage'
            $record = Get-UsageRecord @my -Start 2026
            $record.Quantity, $record.UnitCost, "$($record.Metadata)" | Should -Be 20.5, 0.01, '{"meter":"default","reading":1020.5}'
            $record.Timestamp | Should -Be ([datetimeoffset] '2026-06-02T05:30Z')
        }

        It 'changes nothing when the reading is repeated' {
            1..3 | ForEach-Object {
                Add-UsageReading -Total 1 -Timestamp 2026-06-01 @my
                Add-UsageReading -Total 3 -Timestamp 2026-06-02 @my
            } | Select-Object -Skip 2 | ForEach-Object { "$($_.Interpretation) $($_.Usage)" } |
                Should -Be 'Repeated 0', 'Repeated 2', 'Repeated 0', 'Repeated 2'
            (Get-Usage bandwidth @my -Start 2026).Quantity | Should -Be 2
        }

        It 'takes objects and hashtables down the pipeline in any order, and stays in step' {
            $readings = @(
                [pscustomobject]@{ Timestamp = '2026-06-01T00:00Z'; Total = '41231.4' }
                @{ timestamp = '2026-06-03T00:00Z'; total = 41239.9 }
                [pscustomobject]@{ Timestamp = '2026-06-02T00:00Z'; Total = 41234; Service = 'api'; Meter = 'other' }
            )
            ($readings | Add-UsageReading compute -Meter rack @my).Usage | Should -Be 0, 8.5, 2.6
            (Get-UsageTrend compute ([datetime]::UtcNow - [datetime] '2026-05-31').Days @my | Where-Object DailyTotal).DailyTotal | Should -Be 5.9, 2.6
            (Get-UsageRecord @my -Start 2026 -IncludeUndone).Quantity | Should -Be 5.9, -8.5, 8.5, 2.6
            Compare-Usage @my | Should -BeNullOrEmpty
        }

        It 'reads a property of each name, and prefers the command line' {
            $item = [pscustomobject]@{ CustomerId = 'nobody'; Service = 'api'; Meter = 'm'; TotalBytes = 1gb; Timestamp = '2026-06-01' }
            $reading = $item | Add-UsageReading @my -Service bandwidth -TimeZone Asia/Tokyo
            $reading.CustomerId, $reading.Service, $reading.Meter, $reading.Value | Should -Be $customer, bandwidth, m, 1
            $reading.Timestamp.ToString('o') | Should -Be '2026-06-01T00:00:00.0000000+09:00'
            # A value on the command line is the value.
            ($item | Add-UsageReading @my -Service bandwidth -Total 7 -Timestamp 2026-06-02).Usage | Should -Be 6
            $own = 'own-' + $customer
            [pscustomobject]@{ CustomerId = $own; Service = 'api'; Total = 1 } | Add-UsageReading | ForEach-Object { "$($_.CustomerId) $($_.Service) $($_.Meter)" } |
                Should -Be "$own api default"
        }

        It 'warns what it took a fall for' {
            $null = Add-UsageReading api -Total 99990 -Timestamp 2026-06-01 @my
            $over = Add-UsageReading api -Total 5 -Timestamp 2026-06-02 @my -WarningVariable warning -WarningAction SilentlyContinue
            $reset = Add-UsageReading api -Total 2 -Timestamp 2026-06-03 @my -WarningVariable +warning -WarningAction SilentlyContinue
            $over.Interpretation, $over.Usage, $reset.Interpretation, $reset.Usage | Should -Be RollOver, 15, Reset, 2
            $warning | Should -Be @(
                "The meter 'default' fell from 99990 to 5 requests: it is taken to have gone past its last number, and 15 requests to have been used."
                "The meter 'default' fell from 5 to 2 requests: it is taken to have begun again from zero, and 2 requests to have been used."
            )
        }

        It 'says that what is left needs a quota' {
            { Add-UsageReading -Remaining 5 @my -ErrorAction Stop } | Should -Throw -ErrorId 'QuotaNotFound,*' -ExpectedMessage "*Set-UsageQuota*"
        }

        It 'has one error for a bad item, and records the others' {
            $items = @(
                @{ Total = 1; Timestamp = '2026-06-01' }
                @{ Total = '1,5' }, @{ Total = $null }, @{ Remaining = 1; Total = 1 }, @{ Meter = 'x' }, @{ Total = 1; Meter = '' }
                @{ Total = 1; Service = 'nope' }, @{ Remaining = 1 }, @{ Total = 2; Timestamp = '2026-06-01' }, 7
                @{ Total = 4; Timestamp = '2026-06-02' }
            )
            $readings = $items | Add-UsageReading @my -ErrorAction SilentlyContinue -ErrorVariable problem
            $readings.Usage | Should -Be 0, 3
            $problem.FullyQualifiedErrorId -replace ',.*' | Should -Be @(
                'InvalidQuantity', 'InvalidQuantity', 'InvalidReading', 'InvalidReading', 'InvalidMeter',
                'UnknownService', 'MeterKindMismatch', 'ReadingConflict', 'InvalidRecord')
            $problem[0].TargetObject.Total | Should -Be '1,5'
        }

        It 'does nothing with -WhatIf' {
            Get-HostText { Add-UsageReading -Total 5 -Timestamp 2026-06-01 @my -WhatIf } | Should -BeLike "*reading 5 GB in total of the meter 'default' at 2026-06-01 00:00:00Z*"
            Invoke-Sql $store "select count(*) from usage_readings where customer_id = '$customer'" | Should -Be 0
        }

        It 'makes a burn-down that says, each day, what the last reading of the day said' {
            Set-UsageQuota bandwidth 100 -From 2014-06 -CarryOver 50 -TimeZone Europe/London @my
            $random = [random]::new(2014)
            $left = [decimal] 100
            # Four times a day, as the original's cron did; from the third on, a week away, a top-up, and one reading a day missed.
            $readings = foreach ($day in 3..30) {
                foreach ($clock in '05:30', '11:30', '17:30', '23:30') {
                    if ($day -lt 12 -or $day -gt 18) { $left -= [math]::Round([decimal] (1.2 * $random.NextDouble()), 9) }
                    if ($day -eq 20 -and $clock -eq '11:30') { $left += 25 }
                    if ($random.Next(4) -eq 0) { continue }
                    @{ Remaining = $left; Timestamp = "2014-06-{0:00} $clock" -f $day; Day = $day }
                }
            }
            # In any order, and some of them twice.
            $readings + $readings[5..15] | Sort-Object { $random.Next() } | Add-UsageReading -TimeZone Europe/London @my | Out-Null

            $burndown = Get-UsageBurndown bandwidth -Month 2014-06 @my
            $burndown.Count | Should -Be 30
            $burndown[0..1].Actual | Should -Be $null, $null # nothing is known of them
            $last = $null
            foreach ($day in 3..30) {
                $last = @($readings | Where-Object Day -eq $day)[-1].Remaining ?? $last
                $burndown[$day - 1].Actual | Should -Be $last
            }
            $allowance = $burndown[29].Limit - 100
            $allowance | Should -BeGreaterThan 20
            $allowance | Should -BeLessThan 25
            (Get-Usage bandwidth -Start 2014-06-01 -End 2014-06-30 -TimeZone Europe/London @my).Quantity | Should -Be ($burndown[29].Limit - $last)
            Compare-Usage -CustomerId * | Should -BeNullOrEmpty

            # The month's start, and its first reading once more: nothing changes.
            Set-UsageQuota bandwidth 100 -From 2014-06 @my
            (Add-UsageReading -Remaining $readings[0].Remaining -Timestamp $readings[0].Timestamp -TimeZone Europe/London @my).Interpretation | Should -Be Repeated
            Get-UsageBurndown bandwidth -Month 2014-06 @my | ConvertTo-Json | Should -Be ($burndown | ConvertTo-Json)

            # In July half of what was left is there on top, and the first reading opens it.
            $opening = Add-UsageReading -Remaining 120 -Timestamp '2014-07-01 05:30' -TimeZone Europe/London @my
            $limit = 100 + $last / 2
            $opening.Interpretation, ($opening.Usage - $opening.Allowance) | Should -Be Opening, ($limit - 120)
            (Get-UsageBurndown bandwidth -Month 2014-07 @my)[0].Actual | Should -Be 120
        }

        It 'refuses what is left where only some hours count' {
            Set-UsageQuota bandwidth 100 -CountHours 9-18 @my
            { Add-UsageReading -Remaining 5 @my -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidQuota,*'
        }

        It 'shows what it took a reading for' {
            $null = Add-UsageReading -Total 4 -Timestamp 2026-06-01 @my
            Add-UsageReading -Total 4.25 -Timestamp 2026-06-02 @my | Out-String -Width 120 |
                Should -Match "(?s)Readings of: $customer, bandwidth, in GB.*2026-06-02 00:00 \+00:00 default +4\.25 +0\.25 +0 Usage"
        }
    }
}
