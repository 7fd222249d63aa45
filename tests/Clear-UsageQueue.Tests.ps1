BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Clear-UsageQueue to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            # Nothing is stored before somebody asks for it.
            $env:USAGE_BATCH_SIZE = '1000000'
            $env:USAGE_BATCH_TIMEOUT = '3600'
            $script:store = New-TestStore -Kind $Kind
            $script:here = (Get-UsageStore).Store
            function Get-Count { [int] (Invoke-Sql $store 'select count(*) from billing_usage_records') }
            function Get-Mine { Get-UsageQueue | Where-Object { $_.Store -eq $here -and $_.Owner -eq $PID } }
        }
        AfterAll {
            $env:USAGE_BATCH_SIZE = $env:USAGE_BATCH_TIMEOUT = $null
            Remove-TestStore $store
        }
        BeforeEach { $null = Invoke-UsageFlush }

        It 'stores what waits, and removes its files' {
            $before = Get-Count
            1..12 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord
            $folder = (Get-Mine).Path
            Get-ChildItem $folder -Filter *.seg | Should -HaveCount 1

            $cleared = Clear-UsageQueue
            $cleared.Committed, $cleared.Discarded, $cleared.Remaining | Should -Be 12, 0, 0
            Get-Count | Should -Be ($before + 12)
            Test-Path $folder | Should -BeFalse
            $queue = Get-Mine
            $queue.Records, $queue.Bytes, $queue.Path | Should -Be 0, 0, $null

            Add-UsageRecord api
            (Invoke-UsageFlush).Committed | Should -Be 1
            Get-Count | Should -Be ($before + 13)
        }

        It 'says what it would store with -WhatIf, and stores nothing' {
            $before = Get-Count
            1..3 | ForEach-Object { Add-UsageRecord api }
            Get-HostText { Clear-UsageQueue -WhatIf } | Should -BeLike "*What if:*3 records on the way to $here*"
            (Get-Count), (Get-Mine).Records | Should -Be $before, 3
        }

        It 'stores nothing under $WhatIfPreference either' {
            $before = Get-Count
            1..3 | ForEach-Object { Add-UsageRecord api }
            $WhatIfPreference = $true
            try { $cleared = Clear-UsageQueue } finally { $WhatIfPreference = $false }
            $cleared | Should -BeNullOrEmpty
            (Get-Count), (Get-Mine).Records | Should -Be $before, 3
            (Invoke-UsageFlush).Committed | Should -Be 3
        }

        It 'says how many records -Discard would throw away with -WhatIf, and keeps them' {
            1..4 | ForEach-Object { Add-UsageRecord api }
            Get-HostText { Clear-UsageQueue -Discard -WhatIf } | Should -BeLike "*What if:*4 records on the way to $here*"
            (Get-Mine).Records | Should -Be 4
            (Invoke-UsageFlush).Committed | Should -Be 4
        }

        It 'throws away with -Discard what waits, and goes on with what comes next' {
            $before = Get-Count
            1..300 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord
            $folder = (Get-Mine).Path
            $cleared = Clear-UsageQueue -Discard -Confirm:$false
            $cleared.Committed, $cleared.Discarded, $cleared.Remaining | Should -Be 0, 300, 0
            Test-Path $folder | Should -BeFalse
            (Invoke-UsageFlush).Committed | Should -Be 0
            Get-Count | Should -Be $before

            Add-UsageRecord api
            (Invoke-UsageFlush).Committed | Should -Be 1
            Get-Count | Should -Be ($before + 1)
        }

        It 'throws away what killed sessions left too, and leaves living ones alone' {
            $address = Get-TestAddress $store
            $module = (Get-Module UsageTracking).Path
            $living = Start-Job {
                Import-Module $using:module
                $place = $using:address
                Connect-UsageStore @place
                1..5 | ForEach-Object { Add-UsageRecord api }
                'added'
                Start-Sleep 60
            }
            try {
                for ($i = 0; $i -lt 600 -and -not ($living | Receive-Job); $i++) { Start-Sleep -Milliseconds 50 }
                Invoke-OtherPwsh -ArgumentList $address {
                    param($address)
                    Connect-UsageStore @address
                    1..6 | ForEach-Object { Add-UsageRecord api }
                    [System.Diagnostics.Process]::GetCurrentProcess().Kill()
                } 2>$null
                $before = Get-Count
                Add-UsageRecord api
                Get-HostText { Clear-UsageQueue -Discard -WhatIf } | Should -BeLike "*What if:*7 records on the way to $here*"
                # Time to do something wrong.
                Start-Sleep -Milliseconds 300
                Get-Count | Should -Be $before
                (Clear-UsageQueue -Discard -Confirm:$false).Discarded | Should -Be 7
                (Invoke-UsageFlush).Committed | Should -Be 0
                Get-Count | Should -Be $before
                $left = @(Get-UsageQueue | Where-Object { $_.Store -eq $here -and $_.Records })
                $left | Should -HaveCount 1
                "$($left.State)", $left.Records | Should -Be 'Live', 5
            }
            finally {
                $living | Remove-Job -Force
                $null = Clear-UsageQueue -Discard -Confirm:$false
            }
        }
    }
}

Describe 'Clear-UsageQueue' {
    BeforeAll { Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database clear -ErrorAction SilentlyContinue }
    AfterAll {
        $null = Clear-UsageQueue -Discard -Confirm:$false
        Disconnect-UsageStore
    }
    BeforeEach { $null = Clear-UsageQueue -Discard -Confirm:$false }

    It 'asks before it throws away' {
        [System.Management.Automation.CommandMetadata]::new((Get-Command Clear-UsageQueue)).ConfirmImpact | Should -Be High
    }

    It 'keeps what cannot be stored, and writes the error FlushIncomplete' {
        1..3 | ForEach-Object { Add-UsageRecord api }
        $cleared = Clear-UsageQueue -Timeout 1 -ErrorAction SilentlyContinue -ErrorVariable problem
        $cleared.Committed, $cleared.Discarded, $cleared.Remaining | Should -Be 0, 0, 3
        $problem | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -BeLike 'FlushIncomplete,*'
        "$problem" | Should -BeLike '3 records not stored yet*127.0.0.1:1*'
        Test-Path (Get-UsageQueue | Where-Object Store -EQ 'postgresql://127.0.0.1:1/clear').Path | Should -BeTrue
    }

    It 'throws away without the store' {
        1..3 | ForEach-Object { Add-UsageRecord api }
        (Clear-UsageQueue -Discard -Confirm:$false).Discarded | Should -Be 3
        (Get-UsageQueue | Where-Object Store -EQ 'postgresql://127.0.0.1:1/clear').Records | Should -Be 0
    }

    It 'refuses the timeout <Timeout>' -ForEach @(
        @{ Timeout = -1; ErrorId = 'InvalidTimeout,*' }
        @{ Timeout = 'soon'; ErrorId = 'ParameterArgumentTransformationError,*' }
    ) {
        { Clear-UsageQueue -Timeout $Timeout } | Should -Throw -ErrorId $ErrorId
    }
}
