BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageOption on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            # In a process of its own, since what a process set stays set.
            $script:seen = Invoke-OtherPwsh -ArgumentList (Get-TestAddress $store) {
                param($address)
                Connect-UsageStore @address
                @{
                    ByDefault = Get-UsageOption
                    Stored    = & { Set-UsageOption -BatchSize 7 -AlertWarning 60.5 -Persist; Get-UsageOption }
                    Variable  = & { $env:USAGE_BATCH_SIZE = '8'; Get-UsageOption }
                    Process   = & { Set-UsageOption -BatchSize 9; Get-UsageOption }
                }
            }
        }
        AfterAll { Remove-TestStore $store }

        It 'shows the defaults' {
            $seen.ByDefault.BatchSize | Should -Be 100
            $seen.ByDefault.BatchTimeout | Should -Be '00:00:05'
            $seen.ByDefault.AlertWarning, $seen.ByDefault.AlertCritical, $seen.ByDefault.AlertExceeded | Should -Be 75, 90, 100
            $seen.ByDefault.TimeZone | Should -Be UTC
            $seen.ByDefault.AutoCreateCustomer | Should -BeTrue
            $seen.ByDefault.Durability, $seen.ByDefault.QueueLimit, $seen.ByDefault.QueueFullAction | Should -Be 'Machine', 1073741824, 'Block'
            $seen.ByDefault.QueueFullTimeout | Should -Be '00:00:30'
            $seen.ByDefault.Source.Values | Sort-Object -Unique | Should -Be default
        }

        It 'takes an option from the process, else the environment, else the store' {
            $seen.Stored.BatchSize, $seen.Variable.BatchSize, $seen.Process.BatchSize | Should -Be 7, 8, 9
            $seen.Stored.Source.BatchSize | Should -Be 'the store'
            $seen.Variable.Source.BatchSize | Should -Be 'environment variable USAGE_BATCH_SIZE'
            $seen.Process.Source.BatchSize | Should -Be 'this process'
            $seen.Process.AlertWarning, $seen.Process.Source.AlertWarning | Should -Be 60.5, 'the store'
            $seen.Process.Source.AlertCritical | Should -Be default
        }

        It 'finds in a new process what was persisted, and nothing else' {
            $option = Invoke-OtherPwsh -ArgumentList (Get-TestAddress $store) {
                param($address)
                Connect-UsageStore @address
                Get-UsageOption
            }
            $option.BatchSize, $option.AlertWarning, $option.AlertCritical | Should -Be 7, 60.5, 90
        }
    }
}

Describe 'Get-UsageOption' {
    BeforeAll { Connect-UsageStore (Join-Path $TestDrive usage.db) }
    AfterAll { Disconnect-UsageStore }

    It 'reads $env:<Variable>' -ForEach @(
        @{ Variable = 'USAGE_BATCH_SIZE'; Text = '250'; Name = 'BatchSize'; Value = 250 }
        @{ Variable = 'USAGE_BATCH_TIMEOUT'; Text = '2.5'; Name = 'BatchTimeout'; Value = [timespan]::FromSeconds(2.5) }
        @{ Variable = 'USAGE_ALERT_WARNING'; Text = '70'; Name = 'AlertWarning'; Value = 70 }
        @{ Variable = 'USAGE_ALERT_CRITICAL'; Text = '85.5'; Name = 'AlertCritical'; Value = 85.5 }
        @{ Variable = 'USAGE_ALERT_EXCEEDED'; Text = '110'; Name = 'AlertExceeded'; Value = 110 }
        @{ Variable = 'USAGE_TIMEZONE'; Text = 'Europe/London'; Name = 'TimeZone'; Value = 'Europe/London' }
        @{ Variable = 'USAGE_AUTO_CREATE_CUSTOMER'; Text = 'false'; Name = 'AutoCreateCustomer'; Value = $false }
        @{ Variable = 'USAGE_DURABILITY'; Text = 'strict'; Name = 'Durability'; Value = 'Strict' }
        @{ Variable = 'USAGE_QUEUE_LIMIT'; Text = '256MB'; Name = 'QueueLimit'; Value = 268435456 }
        @{ Variable = 'USAGE_QUEUE_FULL_ACTION'; Text = 'DropNewest'; Name = 'QueueFullAction'; Value = 'DropNewest' }
        @{ Variable = 'USAGE_QUEUE_FULL_TIMEOUT'; Text = '90'; Name = 'QueueFullTimeout'; Value = [timespan]::FromSeconds(90) }
    ) {
        [Environment]::SetEnvironmentVariable($Variable, $Text)
        try { (Get-UsageOption).$Name | Should -Be $Value }
        finally { [Environment]::SetEnvironmentVariable($Variable, $null) }
    }

    It 'says which variable it cannot read' {
        $env:USAGE_BATCH_SIZE = 'many'
        try { { Get-UsageOption } | Should -Throw -ErrorId 'InvalidOption,*' -ExpectedMessage '*many*USAGE_BATCH_SIZE*' }
        finally { $env:USAGE_BATCH_SIZE = $null }
    }

    It 'says what would be right where it cannot read $env:<Variable>' -ForEach @(
        @{ Variable = 'USAGE_DURABILITY'; Text = '1'; Right = 'Process, Machine, Strict' }
        @{ Variable = 'USAGE_QUEUE_LIMIT'; Text = '1KB'; Right = '64KB or more' }
        @{ Variable = 'USAGE_QUEUE_FULL_ACTION'; Text = 'DropOldest'; Right = 'Block, Error, DropNewest' }
    ) {
        [Environment]::SetEnvironmentVariable($Variable, $Text)
        try { { Get-UsageOption } | Should -Throw -ErrorId 'InvalidOption,*' -ExpectedMessage "*'$Text'*$Variable*$Right*" }
        finally { [Environment]::SetEnvironmentVariable($Variable, $null) }
    }

    It 'answers without a store' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        (Get-UsageOption).BatchSize | Should -Be 100
    }
}
