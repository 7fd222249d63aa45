BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # What Tab offers at the end of a line.
    function Get-Completion([string] $Line) {
        [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText
    }

    # The same, where a busy computer may need a second press.
    function Wait-Completion([string] $Line) {
        foreach ($press in 1..20) {
            if ($offered = Get-Completion $Line) { return $offered }
        }
    }

    # How many milliseconds that takes, with what it offers.
    function Measure-Completion([string] $Line) {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $offered = @(Get-Completion $Line)
        [pscustomobject]@{ Offered = $offered; Milliseconds = $watch.ElapsedMilliseconds }
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Completion on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            Set-UsageCustomer acme -Name 'Acme Ltd'
            Set-UsageCustomer 'Bob''s shop'
            Set-UsageCustomer 42
            Add-UsageApiRequest /api/users GET 200 -CustomerId acme
            Add-UsageStorage 5GB -CustomerId acme
            Add-UsageRecord api 1 @{ region = 'eu'; 'data centre' = 1 } -CustomerId acme
            Invoke-UsageFlush
        }
        AfterAll { Remove-TestStore $store }

        It 'offers services where a service is asked for: <_>' -ForEach @(
            'Get-Usage -Service ', 'Get-Usage ', 'Add-UsageRecord -Service ', 'Measure-Usage -Service ', 'Set-UsageQuota ', 'Export-Usage -Service '
            'Get-UsageService ', 'Get-UsagePeak ', 'Add-UsageReading -Service ', 'Update-UsageReading -Service ', 'Import-UsageRecord -Service '
            'Get-UsageRejectedRecord -Service ', 'Remove-UsageReading ', 'Remove-UsageQuota ', 'Get-UsageAlert -Service ', 'Invoke-UsageArchive -Service '
        ) {
            Get-Completion $_ | Should -Be api, storage, bandwidth, compute, database, functions
        }

        It 'offers first what begins with the word, then what has it, and takes wildcards, quotes and lists' {
            Get-Completion 'Get-Usage -Service a' | Should -Be api, storage, bandwidth, database
            Get-Completion 'Get-Usage -Service *a*e' | Should -Be storage, database
            Get-Completion "Get-Usage -Service 'DATA" | Should -Be "'database'"
            Get-Completion 'Get-Usage -Service api, fun' | Should -Be functions
            Get-Completion 'Get-Usage -Service nosuch' | Should -BeNullOrEmpty
            Get-Completion 'Get-Usage -Service [' | Should -BeNullOrEmpty
        }

        It 'offers customers, quoted where the shell needs it: <_>' -ForEach @(
            'Get-Usage -CustomerId ', 'Add-UsageApiRequest -CustomerId ', 'Measure-Usage -CustomerId ', 'Remove-UsageCustomer ', 'Set-UsageCustomer '
            'Get-UsageCustomer ', 'Set-UsageQuota -CustomerId ', 'Add-UsageReading -CustomerId ', 'Get-UsageArchive -CustomerId ', 'Import-UsageRecord -CustomerId '
        ) {
            Wait-Completion $_ | Sort-Object | Should -Be "'42'", "'Bob''s shop'", acme
        }

        It 'says the name of a customer beside the id' {
            $line = 'Get-Usage -CustomerId ac'
            $null = Wait-Completion $line
            (TabExpansion2 $line $line.Length).CompletionMatches.ToolTip | Should -Be 'Acme Ltd'
        }

        It 'offers keys of recent metadata' {
            Wait-Completion 'Measure-Usage -CustomerId acme -GroupBy ' | Sort-Object |
                Should -Be "'data centre'", bytes, endpoint, hours, method, region, status
            Wait-Completion 'Measure-Usage -CustomerId acme -Service storage -GroupBy ' | Should -Be bytes, hours
            Get-Completion 'Measure-Usage -CustomerId acme -GroupBy ENDP' | Should -Be endpoint
            Get-Completion 'Measure-Usage -CustomerId nobody -GroupBy ' | Should -BeNullOrEmpty
        }

        It 'is quick, and remembers' {
            foreach ($line in 'Get-Usage -Service ', 'Get-Usage -CustomerId ', 'Measure-Usage -CustomerId acme -GroupBy ', 'Get-Usage -TimeZone Europe/') {
                $first = Measure-Completion $line
                $null = Wait-Completion $line
                $again = Measure-Completion $line
                $first.Milliseconds | Should -BeLessThan 400
                $again.Milliseconds | Should -BeLessThan 200
                $again.Offered | Should -Not -BeNullOrEmpty
            }
        }

        It 'sees a new customer after a few seconds' {
            $null = Get-Completion 'Get-Usage -CustomerId '
            Set-UsageCustomer newcomer
            $until = [datetime]::UtcNow.AddSeconds(15)
            while (-not ($offered = Get-Completion 'Get-Usage -CustomerId newc') -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 300 }
            $offered | Should -Be newcomer
        }
    }
}

Describe 'Completion' {
    BeforeAll { Disconnect-UsageStore }
    AfterEach {
        $env:USAGE_STORE = $null
        Disconnect-UsageStore
    }

    It 'offers time zones: <_>' -ForEach 'Get-Usage', 'Add-UsageRecord', 'Set-UsageOption', 'Connect-UsageStore', 'Set-UsageQuota', 'Get-UsageBurndown', 'Import-UsageRecord' {
        Wait-Completion "$_ -TimeZone Europe/Lon" | Should -Be Europe/London
        Get-Completion "$_ -TimeZone berl" | Should -Contain Europe/Berlin
        (Get-Completion "$_ -TimeZone u")[0..9] | Should -Contain UTC
    }

    It 'offers formats' {
        Get-Completion 'Export-Usage -Format ' | Should -Be Csv, Json, Ndjson, Xlsx
    }

    It 'offers providers' {
        Get-Completion 'Update-UsageReading ' | Should -Be AndrewsArnold
    }

    It 'is silent where the store is not there yet, and creates none' {
        $env:USAGE_STORE = Join-Path $TestDrive nosuch usage.db
        $Error.Clear()
        foreach ($line in 'Get-Usage -Service ', 'Get-Usage -CustomerId ', 'Measure-Usage -GroupBy ') {
            Get-Completion $line | Should -BeNullOrEmpty
        }
        $Error | Should -BeNullOrEmpty
        Join-Path $TestDrive nosuch | Should -Not -Exist
    }

    It 'is silent where the environment names no store that can be read' {
        $env:USAGE_STORE = 'Host=;Password=x'
        $Error.Clear()
        Get-Completion 'Get-Usage -Service ' | Should -BeNullOrEmpty
        $Error | Should -BeNullOrEmpty
    }

    It 'is silent and quick where the server takes the connection and never answers' {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $env:USAGE_STORE = "Host=127.0.0.1;Port=$($listener.LocalEndpoint.Port);Database=x;Username=x"
            # Loads what the first call of a process loads.
            $null = Get-Completion 'Get-Usage -Service '
            $Error.Clear()
            foreach ($line in 'Get-Usage -Service ', 'Get-Usage -CustomerId ', 'Measure-Usage -GroupBy ', 'Add-UsageRecord -CustomerId ') {
                $result = Measure-Completion $line
                $result.Offered | Should -BeNullOrEmpty
                $result.Milliseconds | Should -BeLessThan 400
            }
            $Error | Should -BeNullOrEmpty
            # Nothing is left over that the next cmdlet would tell of.
            Get-UsageOption -WarningVariable warnings | Out-Null
            $warnings | Should -BeNullOrEmpty
        }
        finally {
            $listener.Stop()
        }
    }

    It 'is silent and quick where nobody listens' {
        $env:USAGE_STORE = 'Host=127.0.0.1;Port=1;Database=x;Username=x'
        $Error.Clear()
        (Measure-Completion 'Get-Usage -CustomerId ').Milliseconds | Should -BeLessThan 400
        $Error | Should -BeNullOrEmpty
    }
}
