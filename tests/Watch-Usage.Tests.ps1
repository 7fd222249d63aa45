BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # A watch in a runspace of its own, of this process.
    function Open-Watch([hashtable] $Parameters = @{}) {
        $watch = [powershell]::Create().AddScript("param(`$Parameters) Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'; Watch-Usage @Parameters").AddArgument($Parameters)
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        @{ PowerShell = $watch; Output = $output; Handle = $watch.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output) }
    }

    function Wait-Until([scriptblock] $Condition) {
        $limit = [datetime]::UtcNow.AddSeconds(20)
        while (-not (& $Condition)) {
            if ([datetime]::UtcNow -gt $limit) { throw "It did not come to pass: $Condition" }
            Start-Sleep -Milliseconds 50
        }
    }

    # How many seconds the watch takes to stop.
    function Close-Watch($Watch) {
        $seconds = (Measure-Command { $Watch.PowerShell.Stop() }).TotalSeconds
        $Watch.PowerShell.InvocationStateInfo.State | Should -Be 'Stopped'
        $Watch.PowerShell.Dispose()
        $seconds
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Watch-Usage on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }

        It 'writes an object per service and look' {
            Add-UsageRecord api 40 -CustomerId looks
            Set-UsageQuota api 50 -CustomerId looks -Confirm:$false
            $samples = Watch-Usage -Count 2 -Every 0.2 -AsObject -CustomerId looks
            $samples.Count | Should -Be (2 * @(Get-UsageService).Count)
            $samples[0].GetType().FullName | Should -Be 'UsageTracking.Watch.UsageSample'
            # What was just added is seen.
            $samples[0].CustomerId, $samples[0].Service, $samples[0].Unit, $samples[0].Today, $samples[0].Month | Should -Be 'looks', 'api', 'requests', 40, 40
            $samples[0].Limit, $samples[0].Used, $samples[0].Percent, "$($samples[0].Level)" | Should -Be 50, 40, 80, 'Warning'
            $samples[0].EventsPerSecond, $samples[0].QuantityPerMinute, $samples[1].Limit, $samples[1].Level | Should -Be $null, $null, $null, $null
            $samples[6].EventsPerSecond, $samples[6].QuantityPerMinute | Should -Be 0, 0
            ($samples[6].Time - $samples[0].Time).TotalSeconds | Should -BeGreaterOrEqual 0.19
        }

        It 'takes services, customers and zones' {
            Add-UsageRecord api 1 -CustomerId zones-a
            Add-UsageRecord api 1 -CustomerId zones-b
            $samples = Watch-Usage a*, COMPUTE -Count 1 -CustomerId zones-* -TimeZone Asia/Kathmandu
            $samples | ForEach-Object { "$($_.CustomerId) $($_.Service)" } | Should -Be 'zones-a api', 'zones-a compute', 'zones-b api', 'zones-b compute'
            $samples[0].Time.Offset | Should -Be ([timespan]'05:45')
        }

        It 'has rates of what another process stores' {
            $null = Set-UsageCustomer other -Confirm:$false
            $watch = Open-Watch @{ Service = 'api'; Every = 0.5; CustomerId = 'other' }
            Wait-Until { $watch.Output.Count -ge 2 }
            Invoke-OtherPwsh -ArgumentList (Get-TestAddress $store) {
                param($address)
                Connect-UsageStore @address
                1..30 | ForEach-Object { Add-UsageRecord api 2 -CustomerId other }
                Invoke-UsageFlush
            } | ForEach-Object Committed | Should -Be 30
            Wait-Until { $watch.Output[-1].Today -eq 60 }
            Close-Watch $watch | Should -BeLessThan 1
            $samples = @($watch.Output)
            $i = 0..($samples.Count - 1) | Where-Object { $samples[$_].Today -eq 60 } | Select-Object -First 1
            # Over the time of all looks so far, 15 seconds at most, and a bit where looks are late.
            $seconds = 30 / $samples[$i].EventsPerSecond
            $seconds | Should -BeGreaterThan 0.9
            $seconds | Should -BeLessThan 16
            $samples[$i].QuantityPerMinute | Should -BeGreaterThan ($samples[$i].EventsPerSecond * 120 - 0.001)
            $samples[$i].QuantityPerMinute | Should -BeLessThan ($samples[$i].EventsPerSecond * 120 + 0.001)
            ($samples | Measure-Object EventsPerSecond -Minimum).Minimum | Should -Be 0
        }

        It 'shows what was taken back as less than nothing' {
            Add-UsageRecord api 5 -CustomerId back
            $null = Invoke-UsageFlush
            $watch = Open-Watch @{ Service = 'api'; Every = 0.2; CustomerId = 'back' }
            Wait-Until { $watch.Output.Count -ge 2 }
            Get-UsageRecord api -CustomerId back | Undo-UsageRecord -Reason test -Confirm:$false
            Wait-Until { $watch.Output[-1].Today -eq 0 }
            $null = Close-Watch $watch
            $watch.Output[-1].QuantityPerMinute | Should -BeLessThan 0
        }

        It 'ends at once with what takes its output' {
            (Measure-Command { Watch-Usage -Every 3600 | Select-Object -First 1 | ForEach-Object Service | Should -Be 'api' }).TotalSeconds | Should -BeLessThan 5
        }

        It 'says how many records wait' {
            Set-UsageOption -BatchSize 1000 -BatchTimeout 3600
            try {
                $watch = Open-Watch @{ Service = 'api'; Every = 0.2 }
                Wait-Until { $watch.Output.Count -ge 1 }
                1..3 | ForEach-Object { Add-UsageRecord api }
                # Nothing is flushed by watching.
                Wait-Until { $watch.Output[-1].Pending -eq 3 }
                $null = Close-Watch $watch
            }
            finally {
                Set-UsageOption -BatchSize 100 -BatchTimeout 5
                $null = Invoke-UsageFlush
            }
        }

        It 'stops within a second, however long it waits' {
            $watch = Open-Watch @{ Every = 3600 }
            Wait-Until { $watch.Output.Count -ge 6 }
            Close-Watch $watch | Should -BeLessThan 1
        }

        It 'refuses what it cannot do' {
            { Watch-Usage -Every 0 } | Should -Throw -ErrorId 'InvalidInterval,*'
            { Watch-Usage -Every 90000 } | Should -Throw -ErrorId 'InvalidInterval,*'
            { Watch-Usage -Every soon } | Should -Throw
            { Watch-Usage -Count 0 } | Should -Throw
            { Watch-Usage nothing } | Should -Throw -ErrorId 'UnknownService,*'
            { Watch-Usage -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
            { Watch-Usage -TimeZone Nowhere/Land } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'shows rows as they come' {
            (Watch-Usage api -Count 1 | Out-String -Width 100) -split '\r?\n' | Should -Contain 'Time     Service    Events/s  Per min    Today    Month  Quota Level    Pending'
        }
    }
}

Describe 'Watch-Usage of a server that has trouble' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll { $store = New-TestStore -Kind PostgreSql }
    AfterAll { Remove-TestStore $store }

    It 'goes on when the store is back' {
        $watch = Open-Watch @{ Service = 'api'; Every = 0.2 }
        try {
            Wait-Until { $watch.Output.Count -ge 2 }
            $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "alter database $($store.Name) allow_connections false; select pg_terminate_backend(pid) from pg_stat_activity where datname = '$($store.Name)'"
            Wait-Until { $watch.PowerShell.Streams.Warning.Count -ge 1 }
            Start-Sleep 1
            $count = $watch.Output.Count
            $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "alter database $($store.Name) allow_connections true"
            Wait-Until { $watch.Output.Count -ge $count + 2 }
        }
        finally {
            $null = Close-Watch $watch
        }
        # Once, however often it looked.
        $watch.PowerShell.Streams.Warning.Count | Should -Be 1
        $watch.PowerShell.Streams.Error.Count | Should -Be 0
    }

    It 'stops within a second while the server hangs' {
        $null = Invoke-Psql $store "create table locks (taken int)"
        $script = "begin; lock table usage_buckets in access exclusive mode; insert into locks values (1); select pg_sleep(60); commit"
        $holder = Start-ThreadJob -ArgumentList $PSScriptRoot, $store, $script { . "$($args[0])/Common.ps1"; Invoke-Psql $args[1] $args[2] }
        $watch = Open-Watch @{ Service = 'api'; Every = 0.2 }
        try {
            Wait-Until { (Invoke-Psql $store "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") -gt 0 }
            Start-Sleep 1
            Close-Watch $watch | Should -BeLessThan 1
        }
        finally {
            $null = Invoke-Psql $store "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()"
            $holder | Remove-Job -Force
        }
    }
}

Describe 'The picture of Watch-Usage' -Skip:(-not (Get-Command script -ErrorAction Ignore) -or -not $IsLinux) {
    BeforeAll {
        # The queues of others would make it higher.
        $outside = $env:USAGE_SPOOL
        $env:USAGE_SPOOL = "$TestDrive/spool"
        $store = New-TestStore -Kind Sqlite
        Add-UsageRecord api 40 -CustomerId acme
        $null = Invoke-UsageFlush
        Set-UsageQuota api 50 -CustomerId acme -Confirm:$false
        $env:TERM = $env:TERM ? $env:TERM : 'xterm'

        # What a terminal of its own is told to show.
        function Get-Terminal([string] $Command) {
            Set-Content "$TestDrive/terminal.ps1" @"
`$ErrorActionPreference = 'Stop'
Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'
Connect-UsageStore '$($store.Path)' -CustomerId acme
$Command
"@
            (script --quiet --return --command "stty cols 100 rows 30; pwsh -NoProfile -NonInteractive -File '$TestDrive/terminal.ps1'" /dev/null) -join "`n"
        }
    }
    AfterAll {
        $env:USAGE_SPOOL = $outside
        Remove-TestStore $store
    }

    It 'is drawn in place, and the cursor comes back' {
        $shown = Get-Terminal 'Watch-Usage -Count 2 -Every 0.2; "after"'
        $shown | Should -Match 'Usage of acme · .*usage\.db · \d{4}-'
        $shown | Should -Match '\x1b\[33m80%\x1b'
        # Twice, the second time where the first was: twelve lines up.
        [regex]::Matches($shown, 'Ctrl-C ends').Count | Should -Be 2
        [regex]::Matches($shown, '\x1b\[12A').Count | Should -Be 1
        $shown.LastIndexOf("`e[?25h") | Should -BeGreaterThan $shown.LastIndexOf("`e[?25l")
        $shown.IndexOf('after') | Should -BeGreaterThan $shown.LastIndexOf("`e[?25h")
    }

    It 'gives the cursor back where it breaks off' {
        $shown = Get-Terminal @"
`$watch = [powershell]::Create().AddScript("Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'; Watch-Usage -Every 3600")
`$watch.Runspace = [runspacefactory]::CreateRunspace(`$Host)
`$watch.Runspace.Open()
`$null = `$watch.BeginInvoke()
Start-Sleep 4
`$watch.Stop()
"@
        $shown | Should -Match 'Ctrl-C ends'
        $shown.LastIndexOf("`e[?25h") | Should -BeGreaterThan $shown.LastIndexOf("`e[?25l")
    }

    It 'has no colours where there are to be none' {
        $env:NO_COLOR = '1'
        try { $shown = Get-Terminal 'Watch-Usage -Count 1' } finally { $env:NO_COLOR = $null }
        $shown | Should -Match 'Ctrl-C ends'
        $shown | Should -Not -Match '\x1b\[3\dm'
    }

    It 'gives way to objects where something takes them' {
        $shown = Get-Terminal 'Watch-Usage -Count 1 | ForEach-Object { "$($_.Service) $($_.Month)" }; (Watch-Usage -Count 1 -AsObject).Count'
        $shown | Should -Match 'api 40'
        $shown | Should -Not -Match 'Ctrl-C ends'
    }
}
