BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    # What other files of tests left waiting is no concern of these.
    $env:USAGE_SPOOL = Join-Path $TestDrive 'spool'
    function Get-Bad { Test-UsageHealth @args | Where-Object { -not $_.Ok } }
    function Invoke-Fix([string] $Fix) { & ([scriptblock]::Create($Fix)) }
}
AfterAll { $env:USAGE_SPOOL = $null }

foreach ($kind in Get-TestStore) {
    Describe "Test-UsageHealth on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeEach {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
        }
        AfterEach {
            $null = Clear-UsageQueue -Discard -Confirm:$false -ErrorAction Ignore
            Remove-TestStore $store
        }

        It 'finds nothing wrong with a fresh store, before and after records' {
            $expected = @('Store', 'Summary', 'QueueBalance', 'RejectedRecords', 'OrphanedQueues', 'DiskRoom')
            if ($Kind -eq 'PostgreSql') { $expected += 'Clock', 'InsertRight', 'Partitions' }
            if (-not $IsWindows) { $expected += 'FileRights' }
            foreach ($records in 0, 3) {
                for ($i = 0; $i -lt $records; $i++) { Add-UsageRecord api }
                $null = Invoke-UsageFlush
                foreach ($all in @(Test-UsageHealth), @(Test-UsageHealth -Full)) {
                    $all.Check | Sort-Object | Should -Be ($expected | Sort-Object)
                    $all | Where-Object { -not $_.Ok } | Out-String | Should -BeNullOrEmpty
                    $all.Fix | Should -Be (@($null) * $all.Count)
                    $all.Found | Should -Not -Contain ''
                    $all[0].psobject.Properties.Name | Should -Be 'Check', 'Ok', 'Found', 'Fix'
                }
            }
        }

        It 'changes nothing' {
            $null = Add-UsageRecord api
            $before = (Get-UsageQueue | Where-Object Records).Records
            $null = Test-UsageHealth -Full
            (Get-UsageQueue | Where-Object Records).Records | Should -Be $before
        }

        It 'finds a changed summary, and the Fix mends it' {
            Add-UsageRecord api 5 -CustomerId acme
            $null = Invoke-UsageFlush
            Invoke-Sql $store "update usage_buckets set total_quantity = '999', event_count = 7"
            $bad = Get-Bad
            $bad.Check | Should -Be Summary
            $bad.Found | Should -BeLike "1 range differs*'acme', api*7 events*1 event*"
            $bad.Fix | Should -BeLike "Update-UsageSummary -Start '*Z' -End '*Z'"
            (Invoke-Fix $bad.Fix).Buckets | Should -Be 1
            Get-Bad | Should -BeNullOrEmpty
        }

        It 'finds an old one with -Full only, and one range covers all' {
            Add-UsageRecord api 5 -Timestamp 2026-01-15T12:00:00Z
            Add-UsageRecord compute 5 -Timestamp 2025-03-15T12:00:00Z -CustomerId beta
            $null = Invoke-UsageFlush
            Invoke-Sql $store "update usage_buckets set total_quantity = '999'"
            Get-Bad | Should -BeNullOrEmpty
            $bad = Get-Bad -Full
            $bad.Fix | Should -Be "Update-UsageSummary -Start '2025-03-15T12:00Z' -End '2026-01-15T12:15Z'"
            (Invoke-Fix $bad.Fix).Buckets | Should -Be 2
            Get-Bad -Full | Should -BeNullOrEmpty
        }

        It 'finds records of other programs, and the Fix adds them' {
            Add-UsageRecord api
            $null = Invoke-UsageFlush
            $time = [datetime]::UtcNow.ToString('yyyy-MM-dd HH:mm:ssZ', [cultureinfo]::InvariantCulture)
            Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at) values ('default', 'api', '2', '0', '$time')"
            $bad = Get-Bad
            $bad.Fix | Should -Be Update-UsageSummary
            (Invoke-Fix $bad.Fix).Records | Should -Be 1
            Get-Bad | Should -BeNullOrEmpty
        }

        It 'finds records that are gone' {
            1..3 | ForEach-Object { Add-UsageRecord api }
            $null = Invoke-UsageFlush
            Invoke-Sql $store 'delete from billing_usage_records'
            Invoke-Sql $store 'delete from usage_buckets'
            $bad = Get-Bad
            $bad.Check | Should -Be QueueBalance
            $bad.Found | Should -BeLike 'Missing: 3 records*'
            $bad.Fix | Should -Be Compare-Usage
            (Invoke-Fix $bad.Fix).QueueRecords | Should -Be 3
        }

        It 'finds rejected records' {
            Add-UsageRecord api 1 -EventKey one
            Add-UsageRecord api 2 -EventKey one
            $null = Invoke-UsageFlush -WarningAction Ignore
            $bad = Get-Bad -WarningAction Ignore
            $bad.Check | Should -Be RejectedRecords
            $bad.Found | Should -BeLike "1 record; the last: *'one'*"
            $bad.Fix | Should -Be Get-UsageRejectedRecord
            Invoke-Fix $bad.Fix | Remove-UsageRejectedRecord -Confirm:$false
            Get-Bad | Should -BeNullOrEmpty
        }

        It 'finds what a killed session left, and the Fix stores it' {
            Invoke-OtherPwsh -ArgumentList $address {
                param($address)
                Connect-UsageStore @address
                1..6 | ForEach-Object { Add-UsageRecord api }
                [System.Diagnostics.Process]::GetCurrentProcess().Kill()
            } 2>$null
            $bad = Get-Bad
            $bad.Check | Should -Be OrphanedQueues
            $bad.Found | Should -Be '6 records wait in 1 queue of dead sessions'
            $bad.Fix | Should -Be Invoke-UsageFlush
            (Invoke-Fix $bad.Fix).Committed | Should -Be 6
            Get-Bad | Should -BeNullOrEmpty
        }

        It 'finds those for another store, and the Fix connects it' {
            $other = Join-Path $TestDrive "other $Kind.db"
            Invoke-OtherPwsh -ArgumentList $other {
                param($other)
                Connect-UsageStore -Path $other
                Add-UsageRecord api
                [System.Diagnostics.Process]::GetCurrentProcess().Kill()
            } 2>$null
            $bad = Get-Bad
            $bad.Found | Should -BeLike "1 record wait*1 record of them for $other"
            $bad.Fix | Should -Be "Connect-UsageStore -Path '$other'; Invoke-UsageFlush"
            (Invoke-Fix $bad.Fix).Committed | Should -Be 1
            Connect-UsageStore @address
            Get-Bad | Should -BeNullOrEmpty
        }

        It 'finds a folder that others can read, and the Fix closes it' -Skip:$IsWindows {
            Add-UsageRecord api
            $null = Invoke-UsageFlush
            chmod go+rx $env:USAGE_SPOOL
            if ($store.Path) { chmod o+r $store.Path }
            $bad = Get-Bad
            $bad.Check | Should -Be FileRights
            $bad.Found | Should -BeLike "*$env:USAGE_SPOOL*$($store.Path)*"
            Invoke-Fix $bad.Fix
            Get-Bad | Should -BeNullOrEmpty
        }
    }
}

Describe 'Test-UsageHealth on a server' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeEach { $script:store = New-TestStore -Kind PostgreSql }
    AfterEach { Remove-TestStore $store }

    It 'finds a dropped month, and the Fix makes it again, also where it was known' {
        Add-UsageRecord api
        $null = Invoke-UsageFlush
        $month = [datetime]::UtcNow.AddDays(1 - [datetime]::UtcNow.Day).AddMonths(1)
        Invoke-Psql $store "drop table billing_usage_records_$($month.ToString('yyyy_MM'))"
        $bad = Get-Bad
        $bad.Check | Should -Be Partitions
        $bad.Found | Should -Be "none for $($month.ToString('yyyy-MM'))"
        $bad.Fix | Should -Be Initialize-UsageStore
        Get-HostText { Initialize-UsageStore -WhatIf } | Should -BeLike "*partition of $($month.ToString('yyyy-MM'))*"
        @(Get-Bad) | Should -HaveCount 1
        Invoke-Fix $bad.Fix
        Get-Bad | Should -BeNullOrEmpty
    }

    It 'finds a role that may not add records, and the Fix lets it' {
        $role = "reader $($store.Name)"
        Invoke-Psql $store "create role `"$role`" login; grant select on all tables in schema public to `"$role`""
        try {
            $builder = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $store.ConnectionString }
            $owner = $builder['Username']
            $builder['Username'] = $role
            Connect-UsageStore -ConnectionString $builder.ConnectionString
            $bad = Get-Bad
            $bad.Check | Should -Be InsertRight
            $bad.Fix | Should -BeLike "psql --host * --command 'GRANT INSERT ON billing_usage_records TO *$role*'"
            $env:PGUSER = $owner
            $null = Invoke-Fix $bad.Fix
            Get-Bad | Should -BeNullOrEmpty
        }
        finally {
            $env:PGUSER = $null
            Connect-UsageStore -ConnectionString $store.ConnectionString
            Invoke-Psql $store "drop owned by `"$role`"; drop role `"$role`""
        }
    }
}

Describe 'Test-UsageHealth without a store' {
    AfterEach { Disconnect-UsageStore }

    It 'says why a server cannot be reached, and leaves out what needs it' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database health -ErrorAction Ignore
        $all = Test-UsageHealth
        $all[0].Check, $all[0].Ok | Should -Be Store, $false
        $all[0].Found | Should -BeLike '*127.0.0.1:1*refused*'
        $all[0].Fix | Should -Be 'Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database health -Credential (Get-Credential)'
        $all[1..9].Check | Should -Not -Contain Summary
        $all[1..9].Check | Should -Contain DiskRoom
    }

    It 'waits for no more than five seconds for one that is silent' {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $env:USAGE_STORE = "postgresql://127.0.0.1:$($listener.LocalEndpoint.Port)/health"
            $env:PROJECT_NAME = 'web'
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $first = @(Test-UsageHealth)[0]
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 5
            $first.Found | Should -BeLike '*did not answer within 4 s*'
        }
        finally {
            $env:USAGE_STORE = $env:PROJECT_NAME = $null
            $listener.Stop()
        }
    }

    It 'finds that there is no store yet, and the Fix makes it' {
        $env:USAGE_STORE = Join-Path $TestDrive 'none.db'
        try {
            $bad = Get-Bad
            $bad.Check | Should -Be Store
            Test-Path $env:USAGE_STORE | Should -BeFalse
            Invoke-Fix $bad.Fix
            Get-Bad | Should -BeNullOrEmpty
        }
        finally { $env:USAGE_STORE = $null }
    }
}
