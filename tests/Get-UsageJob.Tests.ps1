BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

# What each scheduler keeps is tested with Register-UsageJob.
Describe 'Get-UsageJob' -Skip:(-not $IsLinux) {
    BeforeAll {
        $path = $env:PATH
        $table = Join-Path $TestDrive table
        Set-Content $TestDrive/crontab "#!/bin/sh`nif [ `$1 = -l ]; then cat '$table'; else cat > '$table'; fi"
        Set-Content $TestDrive/systemctl "#!/bin/sh`nexit 1"
        chmod +x $TestDrive/crontab $TestDrive/systemctl
        $env:PATH = "$TestDrive$([System.IO.Path]::PathSeparator)$path"
    }
    BeforeEach {
        Set-Content $table (@('0 0 * * * mine') + (@('Flush', 'Chart', 'flush-b') | ForEach-Object {
                    "# UsageTracking job $($_): Flush, every 5 minutes", "*/5 * * * * 'pwsh' -NoProfile -NonInteractive -Command '$_'"
                }))
    }
    AfterAll { $env:PATH = $path }

    It 'takes names in any case, wildcards, and objects with a name' {
        (Get-UsageJob).Name | Should -Be Chart, Flush, flush-b
        (Get-UsageJob FLUSH).Name | Should -Be Flush
        (Get-UsageJob flush*, chart).Name | Should -Be Chart, Flush, flush-b
        ([pscustomobject]@{ Name = 'chart' } | Get-UsageJob).Command | Should -Be "'pwsh' -NoProfile -NonInteractive -Command 'Chart'"
        Get-UsageJob x* | Should -BeNullOrEmpty
    }

    It 'has an error for each name of no job, and goes on' {
        (Get-UsageJob nosuch, Flush -ErrorAction SilentlyContinue -ErrorVariable problem).Name | Should -Be Flush
        $problem.FullyQualifiedErrorId | Should -BeLike 'JobNotFound,*'
        $problem.TargetObject | Should -Be nosuch
    }

    It 'completes names' {
        foreach ($line in 'Get-UsageJob fl', 'Unregister-UsageJob fl') {
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be Flush, flush-b
        }
    }
}
