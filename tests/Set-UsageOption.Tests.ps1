BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Set-UsageOption on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            # In a process of its own, since what a process set stays set.
            $script:seen = Invoke-OtherPwsh -ArgumentList (Get-TestAddress $store) {
                param($address)
                Connect-UsageStore @address
                # Other processes have queues too.
                function Get-Waiting { (Get-UsageQueue | Where-Object Owner -EQ $PID).Records }

                $all = @{
                    BatchSize = 3; BatchTimeout = '1:00:00'; AlertWarning = 50; AlertCritical = 60.25; AlertExceeded = 120
                    TimeZone = 'Asia/Tokyo'; AutoCreateCustomer = $false
                    Durability = 'Strict'; QueueLimit = 1MB; QueueFullAction = 'DropNewest'; QueueFullTimeout = 2.5
                }
                $passed = Set-UsageOption @all -PassThru
                $silent = @(Set-UsageOption -AutoCreateCustomer $true).Count

                Add-UsageRecord api -Timestamp '2026-01-10 09:00'
                Add-UsageRecord api -Timestamp '2026-01-10 09:00'
                Start-Sleep -Milliseconds 400
                $underBatchSize = Get-Waiting
                Add-UsageRecord api -Timestamp '2026-01-10 09:00'
                for ($i = 0; $i -lt 100 -and (Get-Waiting); $i++) { Start-Sleep -Milliseconds 50 }
                $atBatchSize = Get-Waiting
                $timestamp = (Get-UsageRecord -Start '2026-01-10' -End '2026-01-10' -First 1).Timestamp

                Set-UsageOption -BatchSize 100 -BatchTimeout 0.2
                Add-UsageRecord api
                for ($i = 0; $i -lt 100 -and (Get-Waiting); $i++) { Start-Sleep -Milliseconds 50 }
                $afterBatchTimeout = Get-Waiting

                $null = Invoke-UsageFlush
                Set-UsageOption -AutoCreateCustomer $false
                Add-UsageRecord api -CustomerId nobody
                Add-UsageRecord api
                $flush = Invoke-UsageFlush -WarningAction SilentlyContinue
                @{
                    Passed = $passed; Silent = $silent; UnderBatchSize = $underBatchSize; AtBatchSize = $atBatchSize
                    AfterBatchTimeout = $afterBatchTimeout; Timestamp = $timestamp.ToString('o'); Flush = $flush
                }
            }
        }
        AfterAll { Remove-TestStore $store }

        It 'sets every option, and writes the options in force with -PassThru' {
            $seen.Passed.BatchSize | Should -Be 3
            $seen.Passed.BatchTimeout | Should -Be '01:00:00'
            $seen.Passed.AlertWarning, $seen.Passed.AlertCritical, $seen.Passed.AlertExceeded | Should -Be 50, 60.25, 120
            $seen.Passed.TimeZone | Should -Be 'Asia/Tokyo'
            $seen.Passed.AutoCreateCustomer | Should -BeFalse
            $seen.Passed.Durability, $seen.Passed.QueueLimit, $seen.Passed.QueueFullAction | Should -Be 'Strict', 1048576, 'DropNewest'
            $seen.Passed.QueueFullTimeout | Should -Be ([timespan]::FromSeconds(2.5))
            $seen.Silent | Should -Be 0
        }

        It 'stores in the background when BatchSize records wait, and not before' {
            $seen.UnderBatchSize, $seen.AtBatchSize | Should -Be 2, 0
        }

        It 'stores in the background when BatchTimeout passes; a number means seconds' {
            $seen.AfterBatchTimeout | Should -Be 0
        }

        It 'reads and shows local times in TimeZone' {
            $seen.Timestamp | Should -Be '2026-01-10T09:00:00.0000000+09:00'
            Invoke-Sql $store "select count(*) from billing_usage_records where recorded_at = '2026-01-10 00:00:00$($store.Path ? '.000000Z' : '+00')'" |
                Should -Be 3
        }

        It 'has unknown customers'' records rejected without AutoCreateCustomer' {
            $seen.Flush.Rejected, $seen.Flush.Committed | Should -Be 1, 1
            Invoke-Sql $store "select count(*) from billing_customers where customer_id = 'nobody'" | Should -Be 0
            Invoke-Sql $store 'select error_id, customer_id from usage_rejected_records' | Should -Be 'UnknownCustomer|nobody'
        }

        It 'persists nothing without -Persist, or with -WhatIf' {
            Set-UsageOption -BatchSize 55 -Persist -WhatIf
            Invoke-Sql $store "select count(*) from usage_settings where name like 'option.%' and value in ('55', '3')" | Should -Be 0
        }

        It 'keeps the queue''s options in the store with -Persist, for every process that uses it' {
            Set-UsageOption -Durability Process -QueueLimit 2GB -QueueFullAction Error -QueueFullTimeout 0:01:00 -Persist
            try {
                $there = Invoke-OtherPwsh -ArgumentList (Get-TestAddress $store) {
                    param($address)
                    Connect-UsageStore @address
                    Get-UsageOption
                }
                $there.Durability, $there.QueueLimit, $there.QueueFullAction, "$($there.QueueFullTimeout)" | Should -Be 'Process', 2147483648, 'Error', '00:01:00'
                $there.Source.Durability, $there.Source.QueueLimit | Should -Be 'the store', 'the store'
            }
            finally { Set-UsageOption -Durability Machine -QueueLimit 1GB -QueueFullAction Block -QueueFullTimeout 30 -Persist }
        }
    }
}

Describe 'Set-UsageOption' {
    BeforeAll { Connect-UsageStore (Join-Path $TestDrive usage.db) }
    AfterAll { Disconnect-UsageStore }

    It 'refuses <Name> = <Value>, and keeps what was' -ForEach @(
        @{ Name = 'BatchSize'; Value = 0 }
        @{ Name = 'BatchSize'; Value = -5 }
        @{ Name = 'BatchTimeout'; Value = 0 }
        @{ Name = 'BatchTimeout'; Value = '2.00:00:00' }
        @{ Name = 'AlertWarning'; Value = 0 }
        @{ Name = 'AlertExceeded'; Value = -1 }
        @{ Name = 'TimeZone'; Value = 'Mars/Olympus' }
        @{ Name = 'TimeZone'; Value = '' }
        @{ Name = 'QueueLimit'; Value = 1024 }
        @{ Name = 'QueueLimit'; Value = '63KB' }
        @{ Name = 'QueueLimit'; Value = -1 }
        @{ Name = 'QueueLimit'; Value = '1.5GB' }
        @{ Name = 'QueueLimit'; Value = 'plenty' }
        @{ Name = 'QueueFullTimeout'; Value = 0 }
    ) {
        $option = @{ $Name = $Value }
        $before = (Get-UsageOption).$Name
        { Set-UsageOption @option } | Should -Throw -ErrorId 'InvalidOption,*' -ExpectedMessage "*$Name*"
        { Set-UsageOption @option -Persist } | Should -Throw -ErrorId 'InvalidOption,*'
        (Get-UsageOption).$Name | Should -Be $before
    }

    It 'names the values that <Name> can have where it is given another' -ForEach @(
        @{ Name = 'Durability'; Values = 'Process', 'Machine', 'Strict' }
        @{ Name = 'QueueFullAction'; Values = 'Block', 'Error', 'DropNewest' }
    ) {
        $option = @{ $Name = 'Sometimes' }
        $before = (Get-UsageOption).$Name
        { Set-UsageOption @option } | Should -Throw -ExpectedMessage "*Sometimes*$($Values -join '*')*"
        (Get-UsageOption).$Name | Should -Be $before
    }

    It 'takes QueueLimit in bytes or with a unit, and keeps every record with each Durability' {
        $seen = Invoke-OtherPwsh -ArgumentList (Join-Path $TestDrive durable.db) {
            param($path)
            Connect-UsageStore $path
            @{
                Limit     = 1GB, '1GB', '64kb', '65536', ' 2 mb ' | ForEach-Object { try { (Set-UsageOption -QueueLimit $_ -PassThru).QueueLimit } catch { 'refused' } }
                Committed = 'Process', 'Machine', 'Strict' | ForEach-Object {
                    Set-UsageOption -Durability $_
                    1..3 | ForEach-Object { Add-UsageRecord api }
                    1..20 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord
                    (Invoke-UsageFlush).Committed
                }
            }
        }
        $seen.Limit | Should -Be 1073741824, 1073741824, 65536, 65536, 'refused'
        $seen.Committed | Should -Be 23, 23, 23
    }

    It 'says that the store is away where an option is to be persisted' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Set-UsageOption -BatchSize 5 -Persist } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
