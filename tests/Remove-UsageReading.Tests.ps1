BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Remove-UsageReading from $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            function Get-Reading { Get-UsageReading -Start 2026 | ForEach-Object { "$($_.Timestamp.Month)-$($_.Timestamp.Day) $($_.Value) $($_.Usage) $($_.Allowance)" } }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'takes a mistyped reading back, and writes nothing' {
            $null = Add-UsageReading -Total 1000 -Timestamp 2026-06-01
            $null = Add-UsageReading -Total 10205 -Timestamp '2026-06-02 05:30'
            $null = Add-UsageReading -Total 1030 -Timestamp 2026-06-03 -WarningAction SilentlyContinue
            (Get-Usage bandwidth -Start 2026).Quantity | Should -Be 10235

            Remove-UsageReading bandwidth DEFAULT '2026-06-02 05:30' -Confirm:$false | Should -BeNullOrEmpty

            Get-Reading | Should -Be '6-3 1030 30 0', '6-1 1000 0 0'
            (Get-UsageRecord -Start 2026 -IncludeUndone).Quantity | Should -Be 30, -1030, 1030, -9205, 9205
            (Get-Usage bandwidth -Start 2026).Quantity | Should -Be 30
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'lets it be added again, as it should be' {
            $null = Add-UsageReading -Total 10 -Timestamp 2026-06-01
            $null = Add-UsageReading -Total 155 -Timestamp 2026-06-02
            Remove-UsageReading bandwidth default 2026-06-02 -Confirm:$false
            (Add-UsageReading -Total 15.5 -Timestamp 2026-06-02).Usage | Should -Be 5.5
            (Get-Usage bandwidth -Start 2026).Quantity | Should -Be 5.5
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'takes what Get-UsageReading and Add-UsageReading write' {
            $own = "$customer-2"
            $null = 1..3 | ForEach-Object { Add-UsageReading api -Meter "m$_" -Total 1 -Timestamp 2026-06-01; Add-UsageReading api -Meter "m$_" -Total 3 }
            $null = Add-UsageReading -Total 1 -Timestamp 2026-06-01 -CustomerId $own
            $typo = Add-UsageReading -Total 99 -CustomerId $own -TimeZone Asia/Tokyo
            $typo | Remove-UsageReading -Confirm:$false
            Get-UsageReading api -Meter m[12] -Start 2026 | Remove-UsageReading -Confirm:$false

            (Get-UsageReading -CustomerId "$customer*" -Start 2026 | ForEach-Object { "$($_.CustomerId) $($_.Meter) $($_.Value)" }) |
                Should -Be "$customer m3 3", "$customer m3 1", "$own default 1"
            (Get-Usage api, bandwidth -Start 2026 -CustomerId "$customer*" | Measure-Object Quantity -Sum).Sum | Should -Be 2
            Compare-Usage -CustomerId "$customer*" | Should -BeNullOrEmpty
        }

        It 'puts right what is left, allowances and what was carried over, as if it had never been' {
            $other = "$customer-2"
            foreach ($who in $customer, $other) { Set-UsageQuota bandwidth 100 -From 2026-05 -CarryOver 50 -CustomerId $who }
            $good = @(
                @{ Remaining = 90; Timestamp = '2026-05-02' }, @{ Remaining = 40; Timestamp = '2026-05-30' }
                @{ Remaining = 118; Timestamp = '2026-06-01 05:30' }, @{ Remaining = 60; Timestamp = '2026-06-30' }
                @{ Remaining = 125; Timestamp = '2026-07-02' })
            $bad = @(
                @{ Remaining = 9; Timestamp = '2026-05-01' }, @{ Remaining = 400; Timestamp = '2026-05-31' }
                @{ Remaining = 7; Timestamp = '2026-06-15' }, @{ Remaining = 55; Timestamp = '2026-07-01'; Meter = 'b' })
            $null = $good | Add-UsageReading -CustomerId $other
            $null = $bad + $good | Add-UsageReading
            Get-UsageReading -Start 2026 | Where-Object { $_.Value -in 9, 400, 7, 55 } | Remove-UsageReading -Confirm:$false

            foreach ($what in { Get-UsageReading -Start 2026 @args }, { Get-Usage bandwidth -Start 2026-05 -End 2026-07 -Detailed @args },
                { 5..7 | ForEach-Object { Get-UsageBurndown bandwidth -Month "2026-0$_" @args } }) {
                $mine = & $what -CustomerId $customer | Select-Object * -ExcludeProperty CustomerId, Events | ConvertTo-Json
                $mine | Should -Be (& $what -CustomerId $other | Select-Object * -ExcludeProperty CustomerId, Events | ConvertTo-Json)
            }
            Compare-Usage -CustomerId "$customer*" | Should -BeNullOrEmpty

            Get-UsageReading -Start 2026 | Remove-UsageReading -Confirm:$false
            (Get-Usage bandwidth -Start 2026).Quantity, (Get-Usage bandwidth -Start 2026).Events | Should -Be 0, 0
            (Get-UsageQuota).Limit | Should -Be (Get-UsageQuota).Remaining
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'says that there is no such reading, and removes the others' {
            $null = Add-UsageReading -Total 1 -Timestamp 2026-06-01
            $asked = '2026-06-01T00:00:00.5Z', 'never', '2026-06-01T00:00Z' | ForEach-Object { [pscustomobject]@{ Service = 'bandwidth'; Meter = 'default'; Timestamp = $_ } }
            $asked | Remove-UsageReading -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId -replace ',.*' | Should -Be ReadingNotFound, InvalidTimestamp
            $problem[0].CategoryInfo.Category | Should -Be ObjectNotFound
            "$($problem[0])" | Should -BeLike "*'default' of 'bandwidth'*'$customer'*2026-06-01 00:00:00.5Z*Get-UsageReading*"
            Get-Reading | Should -BeNullOrEmpty
            { Remove-UsageReading bandwidth default 2026-06-01 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'ReadingNotFound,*'
            { Remove-UsageReading nosuch default 2026-06-01 -ErrorAction Stop } | Should -Throw -ErrorId 'UnknownService,*'
            { Remove-UsageReading bandwidth default 2026-06-01 -CustomerId 'a*' -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidCustomerId,*'
            { Remove-UsageReading bandwidth default 2026-06-01 -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'reads a time without an offset in -TimeZone' {
            $null = Add-UsageReading -Total 1 -Timestamp '2026-06-01 08:00' -TimeZone Asia/Tokyo
            Remove-UsageReading bandwidth default '2026-06-01 08:00' -TimeZone Asia/Tokyo -Confirm:$false
            Get-Reading | Should -BeNullOrEmpty
        }

        It 'asks first, and with -WhatIf says what it would remove' {
            [System.Management.Automation.CommandMetadata]::new((Get-Command Remove-UsageReading)).ConfirmImpact | Should -Be High
            $null = Add-UsageReading -Total 1 -Timestamp 2026-06-01
            Get-HostText { Get-UsageReading -Start 2026 | Remove-UsageReading -WhatIf } |
                Should -BeLike "*remove the reading 1 GB in total of the meter 'default' at 2026-06-01 00:00:00Z from *$customer*"
            Get-Reading | Should -Be '6-1 1 0 0'
        }

        It 'removes once, whoever else removes or adds at the same time' {
            $null = Add-UsageReading -Total 1 -Timestamp 2026-06-01
            $null = Add-UsageReading -Total 5 -Timestamp 2026-06-02
            $null = Add-UsageReading -Total 9 -Timestamp 2026-06-09
            $problems = 1..6 | ForEach-Object -ThrottleLimit 6 -Parallel {
                Import-Module $using:PSScriptRoot/../module/UsageTracking.psd1
                try {
                    if ($_ -eq 6) { $null = Add-UsageReading -Total 7 -Timestamp 2026-06-04 -ErrorAction Stop }
                    else { Remove-UsageReading bandwidth default 2026-06-02 -Confirm:$false -ErrorAction Stop }
                }
                catch { $_.FullyQualifiedErrorId -replace ',.*' }
            }
            $problems | Should -Be (@('ReadingNotFound') * 4)
            Get-Reading | Should -Be '6-9 9 2 0', '6-4 7 6 0', '6-1 1 0 0'
            (Get-Usage bandwidth -Start 2026).Quantity | Should -Be 8
            Compare-Usage | Should -BeNullOrEmpty
        }
    }
}

Describe 'Remove-UsageReading' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Remove-UsageReading bandwidth default 2026-06-01 -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
