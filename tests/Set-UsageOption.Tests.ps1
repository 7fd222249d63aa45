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

                $all = @{
                    BatchSize = 3; BatchTimeout = '1:00:00'; AlertWarning = 50; AlertCritical = 60.25; AlertExceeded = 120
                    TimeZone = 'Asia/Tokyo'; AutoCreateCustomer = $false
                }
                $passed = Set-UsageOption @all -PassThru
                $silent = @(Set-UsageOption -AutoCreateCustomer $true).Count

                Add-UsageRecord api -Timestamp '2026-01-10 09:00'
                Add-UsageRecord api -Timestamp '2026-01-10 09:00'
                Start-Sleep -Milliseconds 400
                $underBatchSize = (Get-UsageQueue).Records
                Add-UsageRecord api -Timestamp '2026-01-10 09:00'
                for ($i = 0; $i -lt 100 -and (Get-UsageQueue).Records; $i++) { Start-Sleep -Milliseconds 50 }
                $atBatchSize = (Get-UsageQueue).Records
                $timestamp = (Get-UsageRecord -Start '2026-01-10' -End '2026-01-10' -First 1).Timestamp

                Set-UsageOption -BatchSize 100 -BatchTimeout 0.2
                Add-UsageRecord api
                for ($i = 0; $i -lt 100 -and (Get-UsageQueue).Records; $i++) { Start-Sleep -Milliseconds 50 }
                $afterBatchTimeout = (Get-UsageQueue).Records

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
            Invoke-Sql $store "select count(*) from usage_settings where value = '55' or value = '3'" | Should -Be 0
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
    ) {
        $option = @{ $Name = $Value }
        $before = (Get-UsageOption).$Name
        { Set-UsageOption @option } | Should -Throw -ErrorId 'InvalidOption,*' -ExpectedMessage "*$Name*"
        { Set-UsageOption @option -Persist } | Should -Throw -ErrorId 'InvalidOption,*'
        (Get-UsageOption).$Name | Should -Be $before
    }

    It 'says that the store is away where an option is to be persisted' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Set-UsageOption -BatchSize 5 -Persist } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
