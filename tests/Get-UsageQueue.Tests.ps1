BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageQueue to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            function Get-Mine { Get-UsageQueue | Where-Object Store -EQ (Get-UsageStore).Store }
        }
        AfterAll {
            Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database queue -ErrorAction SilentlyContinue
            $null = Clear-UsageQueue -Discard -Confirm:$false
            Remove-TestStore $store
        }
        BeforeEach { $null = Invoke-UsageFlush }

        It 'shows the connected store''s queue, empty too' {
            $queue = Get-Mine
            $queue | Should -HaveCount 1
            $queue.Records, $queue.Owner | Should -Be 0, $PID
            $queue.Oldest | Should -BeNullOrEmpty
            $queue.LastError | Should -BeNullOrEmpty
        }

        It 'shows how many records wait, and since when' {
            $before = [datetimeoffset]::UtcNow
            1..3 | ForEach-Object { Add-UsageRecord api }
            $after = [datetimeoffset]::UtcNow
            $queue = Get-Mine
            $queue.Records | Should -Be 3
            $queue.Oldest | Should -BeGreaterOrEqual $before
            $queue.Oldest | Should -BeLessOrEqual $after

            $null = Invoke-UsageFlush
            (Get-Mine).Records | Should -Be 0
        }

        It 'has the name under which the store knows the queue' {
            Add-UsageRecord api
            $null = Invoke-UsageFlush
            Invoke-Sql $store 'select spool_id from usage_spools' | Should -Contain "$((Get-Mine).SpoolId)"
        }

        It 'shows whose queue it is, and its files' {
            Add-UsageRecord api
            $queue = Get-Mine
            "$($queue.State)", $queue.Owner, $queue.Machine | Should -Be 'Live', $PID, ([Environment]::MachineName)
            $files = Get-ChildItem $queue.Path -Filter *.seg
            $queue.Bytes | Should -Be ($files | Measure-Object Length -Sum).Sum
            Split-Path $queue.Path -Leaf | Should -Be "$($queue.SpoolId)"
        }

        It 'still shows a store that is away, while records wait for it' {
            $address = Get-TestAddress $store
            Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database queue -ErrorAction SilentlyContinue
            Add-UsageRecord api
            $null = Invoke-UsageFlush -Timeout 1 -ErrorAction SilentlyContinue
            Connect-UsageStore @address
            $away = Get-UsageQueue | Where-Object Store -EQ 'postgresql://127.0.0.1:1/queue'
            $away.Records | Should -BeGreaterThan 0
            $away.LastError | Should -BeLike '*127.0.0.1:1*'
            (Get-Mine).Records | Should -Be 0
        }

        It 'shows the queues of other sessions, whatever store they are for' {
            $address = Get-TestAddress $store
            Invoke-OtherPwsh -ArgumentList $address {
                param($address)
                Connect-UsageStore @address
                Set-UsageOption -BatchSize 1000 -BatchTimeout 3600
                1..6 | ForEach-Object { Add-UsageRecord api }
                [System.Diagnostics.Process]::GetCurrentProcess().Kill()
            } 2>$null
            $here = (Get-UsageStore).Store
            Connect-UsageStore (Join-Path $TestDrive other.db)
            $orphan = Get-UsageQueue | Where-Object State -EQ Orphan | Where-Object Store -EQ $here
            Connect-UsageStore @address
            $orphan.Records, $orphan.LastError | Should -Be 6, $null
            $orphan.Owner | Should -Not -Be $PID
            $orphan.Bytes | Should -BeGreaterThan 0
            (Invoke-UsageFlush).Remaining | Should -Be 0
            Get-UsageQueue | Where-Object State -EQ Orphan | Where-Object Store -EQ $here | Should -BeNullOrEmpty
        }
    }
}
