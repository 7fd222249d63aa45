BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Invoke-UsageFlush to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $null = Invoke-UsageFlush }

        It 'returns when everything is in the store, and says how much that was' {
            $before = [int] (Invoke-Sql $store 'select count(*) from billing_usage_records')
            1..250 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord
            $flush = Invoke-UsageFlush
            Invoke-Sql $store 'select count(*) from billing_usage_records' | Should -Be ($before + 250)
            $flush.Committed, $flush.Duplicates, $flush.Rejected, $flush.Remaining | Should -Be 250, 0, 0, 0
            $flush.Duration | Should -BeOfType timespan
            $flush.Duration | Should -BeGreaterThan ([timespan]::Zero)
        }

        It 'counts what was stored since the last flush, and each record once' {
            Add-UsageRecord api
            $null = Get-Usage # sends what waits
            (Invoke-UsageFlush).Committed | Should -Be 1
            $again = Invoke-UsageFlush
            $again.Committed, $again.Remaining | Should -Be 0, 0
        }

        It 'counts duplicates and rejected records apart' {
            @{ Service = 'api'; EventKey = 'once' } | Add-UsageRecord
            @{ Service = 'api'; EventKey = 'once' }, @{ Service = 'api'; EventKey = 'once'; Quantity = 2 }, @{ Service = 'api' } | Add-UsageRecord
            $flush = Invoke-UsageFlush -WarningAction SilentlyContinue -WarningVariable warning
            $flush.Committed, $flush.Duplicates, $flush.Rejected, $flush.Remaining | Should -Be 2, 1, 1, 0
            "$warning" | Should -BeLike '1 record rejected*'
            Invoke-Sql $store 'select error_id, quantity, event_key from usage_rejected_records' | Should -Be 'EventKeyConflict|2|once'
        }

        It 'takes a timeout by position, in seconds or as a time span: <Timeout>' -ForEach @(
            @{ Timeout = 5 }, @{ Timeout = 2.5 }, @{ Timeout = '00:00:05' }, @{ Timeout = [timespan]::FromSeconds(5) }
        ) {
            Add-UsageRecord api
            (Invoke-UsageFlush $Timeout).Committed | Should -Be 1
        }
    }
}

Describe 'Invoke-UsageFlush to a server that is away' {
    BeforeAll { Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database flush -ErrorAction SilentlyContinue }
    AfterAll { Disconnect-UsageStore }

    It 'writes the error FlushIncomplete after its timeout, and what remains' {
        1..3 | ForEach-Object { Add-UsageRecord api }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $flush = Invoke-UsageFlush -Timeout 1 -ErrorAction SilentlyContinue -ErrorVariable problem
        $watch.Elapsed.TotalSeconds | Should -BeGreaterThan 0.9
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5

        $flush.Committed, $flush.Remaining | Should -Be 0, 3
        $problem | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -BeLike 'FlushIncomplete,*'
        $problem.CategoryInfo.Category | Should -Be LimitsExceeded
        "$problem" | Should -BeLike '*3 records*127.0.0.1:1*'
    }

    It 'refuses a timeout that is none' {
        { Invoke-UsageFlush -Timeout soon } | Should -Throw -ExpectedMessage '*soon*'
    }
}
