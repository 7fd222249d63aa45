BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Copy-UsageStore into $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            function Get-Address($Store) { $Store.Path ?? $Store.ConnectionString }

            $script:to = New-TestStore -Kind $Kind
            $script:from = New-TestStore -Kind Sqlite
            Connect-UsageStore $from.Path -CustomerId acme
            Set-UsageCustomer acme -Name 'Acmé 客'
            Set-UsageQuota api 100.5
            Set-UsagePrice api 0.25 -From 2026-01-01
            1..40 | ForEach-Object { @{ Service = 'api'; Quantity = $_; Timestamp = "2026-0$(1 + $_ % 3)-05 10:00"; EventKey = "k$_"; Metadata = @{ n = $_ } } } | Add-UsageRecord
            $null = Invoke-UsageFlush
            Get-UsageRecord api -Start 2026 -First 1 | Undo-UsageRecord -Reason 'twice'
            $script:before = Get-UsageRecord -Start 2026-01 -End 2026-04 | ConvertTo-Json
            $script:costs = Get-UsageCost -Start 2026-01 -End 2026-04 | ConvertTo-Json
        }
        AfterAll {
            Remove-TestStore $from
            Remove-TestStore $to
        }

        It 'says what it would copy, and copies nothing' {
            Get-HostText { Copy-UsageStore -To (Get-Address $to) -WhatIf } | Should -BeLike "*copy 41 records of 1 customer in 3 months from $($from.Path)*"
            Invoke-Sql $to 'select count(*) from billing_usage_records' | Should -Be 0
        }

        It 'refuses a copy that is not finished, wherever it is used' {
            Invoke-Sql $to "insert into usage_settings (name, value) values ('copy.from', '$((Get-UsageStore).StoreId)'), ('copy.position', '[]')"
            try {
                Connect-UsageStore (Get-Address $to) -CustomerId acme -ErrorAction SilentlyContinue -ErrorVariable problem
                $problem.FullyQualifiedErrorId | Should -BeLike 'CopyUnfinished,*'
                { Get-Usage } | Should -Throw -ErrorId 'CopyUnfinished,*' -ExpectedMessage '*Copy-UsageStore*'
                # It waits until the copy is whole.
                Add-UsageRecord api 3 -Timestamp '2026-05-05 10:00' -WarningAction SilentlyContinue
                (Invoke-UsageFlush -Timeout 1 -ErrorAction SilentlyContinue -WarningAction SilentlyContinue).Remaining | Should -Be 1
                { Set-UsageCustomer beta } | Should -Throw -ErrorId 'CopyUnfinished,*'
                $health = Test-UsageHealth | Where-Object Check -EQ Store
                $health.Ok | Should -BeFalse
                $health.Found | Should -BeLike '*unfinished copy*'
            }
            finally { Connect-UsageStore $from.Path -CustomerId acme }
        }

        It 'copies the connected store, with what waits for it, and goes on where it was' {
            Add-UsageRecord api 0.000000000000000001 -Timestamp '2026-02-05 10:00'
            Get-HostText { Copy-UsageStore -To (Get-Address $to) -WhatIf } | Should -BeLike '*go on copying*'
            $copy = Copy-UsageStore -To (Get-Address $to)
            $copy.IsComplete | Should -BeTrue
            $copy.Records, $copy.Customers | Should -Be 42, 1
            $copy.From | Should -Be $from.Path
            $copy.To | Should -Not -BeLike '*assword*'
            $copy.Start.ToString('u'), $copy.End.ToString('u') | Should -Be '2026-01-01 00:00:00Z', '2026-04-01 00:00:00Z'
            $copy.Duration | Should -BeGreaterThan ([timespan]::Zero)
        }

        It 'makes the same reports' {
            Connect-UsageStore (Get-Address $to) -CustomerId acme
            $small = Get-UsageRecord api -Start 2026-02 -End 2026-03 | Where-Object Quantity -LT 1
            $small.Quantity | Should -Be 0.000000000000000001
            Get-UsageRecord -Start 2026-01 -End 2026-04 | Where-Object Quantity -GE 1 | ConvertTo-Json | Should -BeExactly $before
            $costs | Should -Not -BeNullOrEmpty
            (Get-UsageQuota api).Limit | Should -Be 100.5
            (Get-UsageCustomer acme).Name | Should -BeExactly 'Acmé 客'
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'goes on from there' {
            Add-UsageRecord api 5 -EventKey k1 -Timestamp '2026-02-05 11:00' -WarningAction SilentlyContinue
            Add-UsageRecord api 7
            $flush = Invoke-UsageFlush -WarningAction SilentlyContinue
            # And what waited for it.
            $flush.Committed, $flush.Rejected | Should -Be 2, 1
            (Get-UsageRecord api -Start 2026-05 -End 2026-05).Quantity | Should -Be 3
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'refuses a store that is not empty, the store itself, and one that is not there' {
            { Copy-UsageStore $from.Path (Get-Address $to) } | Should -Throw -ErrorId 'StoreNotEmpty,*'
            { Copy-UsageStore -To (Get-Address $to) } | Should -Throw -ErrorId 'CopyToItself,*'
            $none = New-TestStore -Kind $Kind -Empty
            try { { Copy-UsageStore (Get-Address $none) $from.Path } | Should -Throw -ErrorId 'StoreNotInitialized,*' }
            finally { Remove-TestStore $none }
            if ($to.Path) { Test-Path $none.Path | Should -BeFalse }
        }
    }
}

Describe 'Copy-UsageStore beside queues' {
    It 'leaves no records behind that a killed session had' {
        $from = New-TestStore -Kind Sqlite -Empty
        try {
            $null = Invoke-OtherPwsh {
                param($path)
                Connect-UsageStore $path
                Add-UsageRecord api 1
                [System.Diagnostics.Process]::GetCurrentProcess().Kill()
            } $from.Path 2>&1
            $copy = "$(Split-Path $from.Path)/copy.db"
            { Copy-UsageStore $from.Path $copy } | Should -Throw -ErrorId 'RecordsWaiting,*' -ExpectedMessage '1 record for the store*'

            Connect-UsageStore $from.Path
            (Copy-UsageStore -To $copy).Records | Should -Be 1
        }
        finally { Remove-TestStore $from }
    }
}
