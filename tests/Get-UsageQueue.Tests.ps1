BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageQueue to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            function Get-Mine { Get-UsageQueue | Where-Object Store -EQ (Get-UsageStore).Store }
        }
        AfterAll { Remove-TestStore $store }
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
    }
}
