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
            (Get-UsageRecord @my -Start 2026).Quantity | Should -Be 5.9, -8.5, 8.5, 2.6
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

        It 'shows what it took a reading for' {
            $null = Add-UsageReading -Total 4 -Timestamp 2026-06-01 @my
            Add-UsageReading -Total 4.25 -Timestamp 2026-06-02 @my | Out-String -Width 120 |
                Should -Match "(?s)Readings of: $customer, bandwidth, in GB.*2026-06-02 00:00 \+00:00 default +4\.25 +0\.25 +0 Usage"
        }
    }
}
