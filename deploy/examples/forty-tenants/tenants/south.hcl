# The hashes are random numbers: make your own with `tidegate hash-password`.
tenant "alder" {
  user "alder-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$qQgADGJPjb2VFaiiWhUPmw$c7J9k848eeFp6B5KdNbRGQEkpVvANb80Go54pryO9xM" }
  user "alder-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$fKWxylNMZmelAFzfA7UarA$GczigtzVV6Q3/xi9Amc4PdB+eY+rMyiY2kF1ysJt2Gg" }
  user "alder-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$KVZjsaThqBo5yda1qLlHCA$lPTk4xG/lDMWk/mdULRvtH7c24GCZ9NPiZwElYxjJO4" }
  user "alder-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$oDlqj5OJfqJf3lGNxt+m6w$wB6O1ya1Kw6GBgPhkzsdmAzjAyOtYJnCG0SZTyBVlk8" }
  user "alder-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$yB6G9wHBKu2qBM+HXJJs1g$5rpUDpY0YH5N6b8u7M/xDJLB8BIamHrjFRUDYxiy/sY" }
}
tenant "aspen" {
  user "aspen-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$hDBrr6m8FHFdLXnqNtA3qA$pKZrmtRMK/DvMLha87OZPFUULKB16H7G6dix7W1h3HQ" }
  user "aspen-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Mx+fxP5jHkYfwfSat1ajYw$bWphkozH6nsBMMY7nBw7lqNrRnh8w4lQxOcTGnfsQBg" }
  user "aspen-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$S1A3u1/pto4GxyFqz6FMIA$d/q53nO5HQoRYit2fWPEzd93gaqANLxYvXJ2iBW4f48" }
  user "aspen-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$d1mlsDTd2GKDvFGOPOBafw$+TsoRpUvZfcGGCAsjb07rXryZuN6vCUUcp0LoDgvdSs" }
  user "aspen-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ZVzmuckCa51+dumoBQ8CAg$IlZKGJTIHDAXmY/optlWyBWBdIy5iww4JWKeGtFYvOE" }
}
tenant "birch" {
  user "birch-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$eqV1ItBYO89uvRwS4dtaqg$na0LmiLxTx27hb/l9Go4ridnjjjv6OmJkmO4CcFH2x4" }
  user "birch-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$WdNYbBnbgMBKO2LmBcMgPA$9f0kFTGDdAjcP4+8+W8Ep1s9DG4b+moGTOp7z4GDyAs" }
  user "birch-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$C5/8HG9nYttEP92P93cf7w$x5GGJjp9y7/1tNdWwUonMTxU5NXWozMY9k9lwWO7lGI" }
  user "birch-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$qElGyV/Qy0TUuGDfirxCDg$t7QF3oGoWOYpLRQd6IZQ4CfQLvLEUxlYiWWlB2nxhX4" }
  user "birch-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$C6U2wP4/QvmFWpIb5zhXaQ$YmiZrxzZoxDAGt96RMBLMTByo4sYxWEfquN3v/QyIZE" }
}
tenant "cherry" {
  user "cherry-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$0sJlnZ2DIeBZUZ/yPh/65w$l7YJ1ZsZiH0B3mwDZm38Mzn75h9nyz0x7eMEwURuIlU" }
  user "cherry-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$/lQjazFapPztBsnE365s2g$bjVkr+kN2rRhC/AGvp8xeXFpIs/2B4AdLg4cmg028gY" }
  user "cherry-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$EYGTITjn+Q9HWj11V1ucqg$jgef/bZHYHIHYPAx1oJ16V7kPh2wUzHV9DhzarnRqm4" }
  user "cherry-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$0efUObfRIqCnm8/bo/iMWQ$qxpa0WTE3574tZtULgPfSc5s7DNGOwZxLam8ZMLC39w" }
  user "cherry-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$lUGF+pGNRk4GV9CgsshKGw$tM8nPcqvWTsebIQDcbrToYMg2HB0bAuDf+1p+hrxAS8" }
}
tenant "elder" {
  user "elder-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$1zFSxEUydnCG/DFGqPUCCA$w/9O1VpGWo69xFEedjFX2AmPU0smHIEKHeWry44USUo" }
  user "elder-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$EhsMBRY37aoQ8OEdnAF7hQ$1ofpfdIUsY6c9mTNo9w8VCDQsvFY4jq3vJ3bNzRs5/c" }
  user "elder-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Y8JsRV4gvhaFLSXtkLJhzA$3dVD7UA5E5UMcOm4cCHFyL05Kb7pzziSu5QthjBsJss" }
  user "elder-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$zkuV1L0TGn1wRmeKHSIQNQ$IpM2IETnUilyT8y7tglEPM/GkS6x9l9zD/g3aM8dPkQ" }
  user "elder-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$vyZAGgGZvGwB4camUqCjfw$kxK/9iStYeR7PFQ/dajaBhjUBixKiWrwH+EeFNt5mHA" }
}
tenant "fir" {
  user "fir-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$utUv/pdNeJ0q1z8DJFW/gg$MEIPfeUARUrYi01oi7iu1ZUada11HQHAJh7MA1PeMEE" }
  user "fir-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$jocCQpmGj3xyl09BGfH+qw$Pkj40ns4777A7g0zOkfCvXbYff4abGKRZWsaUC9l9N0" }
  user "fir-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Y14tDW5wWSlf7tCXMQDplA$HsMYhqrGqF4Faxw5quX5A7hte2c0mEFYjgmNzOEDfTM" }
  user "fir-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ddrV2pGdaG1CnAYCEtz2tg$BgoQsXkut/+s4vMIHHFgg+SK78m8lwjCZXXxlC6zl+k" }
  user "fir-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$0SXk/l7B/q3b3+IuXQWb5g$S3lm59uVU63VtPKBW+8jiNMuFPLVjQM/4eiCjcQRJ2c" }
}
tenant "holly" {
  user "holly-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$wK65SU3RcVCx9RavYHy04A$hXxK+Kh6MIzcQVUYP73P3dzWojzBUq5G2Ho9YZ/ZnBg" }
  user "holly-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$/WeuIL5IOn8aebuVGv5ALQ$vgd4PVwm8obzk/8UBp0+ha/27S/G8D7y1PVeDiqJacM" }
  user "holly-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$bDhE+TEkl87DOTMJTe0X4Q$vJZKnsJMrsEsh1kOeTRvZb7fhjy19MiQgrLyeDc+ZZ4" }
  user "holly-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ctUsxH9gi/UxFYxr8JEjVQ$T/jIpy/33HRjtJ1NWGCVnBzE93XRKQrRpH52FxWge6M" }
  user "holly-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$0JBeeL0boJiknikMQjjMTQ$PkpaI7k7VaXT86+MZq1MSdu4KkiOG34+JTGUcVE3SoE" }
}
tenant "laurel" {
  user "laurel-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$/frd/r/qpkOIlopj+vXaTw$3GkEZlV/DsqHDH01hv/c69ZJv7DkEaVc6+NIaBTQKdA" }
  user "laurel-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$mRPLwP9WDvKQbg4RQd9AIA$9/q+5EuaS41HS4CBQWqMAUAbvy3W+tGk5CTC6X70+VY" }
  user "laurel-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$iDlIF1FhJElL0i1fr/fxqw$MzFyLd8RAawPsMnQLiAql0rfC2ipIu9+mZD/RkOyBjw" }
  user "laurel-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$mKsdsQE6ksOEV3rdEbx+lg$L47yOQ8rI3EyuE+/D2G7i4HocRo6DygRPIQsHUHsCyM" }
  user "laurel-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$D/A+Nr0qiNJiwokiPdQfFQ$p3waHjbE7PBP+c/Fei8Zjl9XJshYmMa8XOQEHyknDRM" }
}
tenant "magnolia" {
  user "magnolia-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ItRyt+fhezlKVrLROOsyFw$BgycWk5mjohZY+9iY4hboeYXYL3ihhwDMG3uoKt8RcM" }
  user "magnolia-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$AYtGZUkR4x1hC1ET9ZoJiw$RZ7Jt/A2IDWGZTfl+vM7sTsEqoFlwVABYEFgbemkYdU" }
  user "magnolia-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$DqhTsQ2Lt7Xcpom4xWpkBQ$e7NF2b7RANqYqbwpWqanXsqN8VCi7xEzMAQi7TcpW80" }
  user "magnolia-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$w9mqzyUk1OWup6thUcmEvw$KnFwfMpOS4z+wRPZzoZMVKH+0tCNdY818tXgcdcBFx0" }
  user "magnolia-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$rfvgQ906bv7qG7XDe/Nh0g$rDrl7O0dyN3a+2UuQdji7tJZmJ3e0GNBruj4QJOJrqQ" }
}
tenant "olive" {
  user "olive-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$olUO+rc03hhUnmWhE8xEbA$shmqsiXdfKWw//eOeYZKRdUI6UXbgsrspEiwnRqJhnA" }
  user "olive-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$WOmSVxIMYLNCV5LXbVj/6A$z/7begH5FKZYLI02NOiKq3tdkFS8U/ylxUn3x0KgorM" }
  user "olive-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$2fqUaIq9XRiShYcrmmmsow$Z4GtZJG1wFN6UWgWCYxeon0ZfC0o1liPWB/kqTqJ0d8" }
  user "olive-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$gjMXE/ox/fm0JEO3KnCvmg$eGhbh/an+EqeX8uE0779qI9/AoVzkEmXxvEqb5atcdk" }
  user "olive-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$4pkjmlj4HZxbZg7Ww2uCBQ$kkPpoGIKv0MjsKIoo5rNtiROVPJzmC/rf1b5CUpyo7M" }
}
tenant "pine" {
  user "pine-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$OdFHMsPPtKNQ3y/p5dYIJw$NvxxdVtgzkwpbxFTgyv2wnG3tQEgAW4CVuYtoW1wxog" }
  user "pine-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PU7usd4Nh/0oRw1jyc2D7g$rP2HGrGmbtlAs0ytwSnjIIxmPR2CItsV3/KHajB/jd4" }
  user "pine-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$uHqzNszXKl18EzJ2dyU6bg$eWlBUL1JTjEx/5EOXdcv6Os55JxU8caR37dW7phQOi8" }
  user "pine-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$21e21fIvVpS4vf4dcGuN8A$cZ4Bt8v52fZsMHvG8qLJWVGk3jtgsdFRuk/Z5Zc0Pnk" }
  user "pine-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$KybQ6X8bpWnz5usM6lQffA$YgRgwUZ1ksceECe5v5B8J9mlG3uqa/q2P8mOH9Bg/ZA" }
}
tenant "poplar" {
  user "poplar-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Du/ZJ167XWsua4H0H7+zMA$m8m8zMMJrxfzhnT8Gisoe8MVJNut6+fr2a7VoxR+CH0" }
  user "poplar-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$YuCyCtdX+9StPg1aodgrNA$i5Upj9hqWHbd/i10Jhl5NvAYox6u/rbCQNEddTvQ4xA" }
  user "poplar-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Rn3uI+HRcbe2vAPNkC+XMQ$qtnSvUdpGaMz/hBAN7/gFiKUiHNkjHX13GP8ij6YBos" }
  user "poplar-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$HCjVWXtrgCLuW7jnzHqi2Q$BXv1IdIiIlUMmuJoIK7cClLgDxzdzvEpbe0900VrOAo" }
  user "poplar-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$cQcYIfBX65zl9EHj+lnoPQ$Z9tBoQKDAGQj62gng+i/DCBh3D1RQhLWJbqIBR2hskQ" }
}
tenant "walnut" {
  user "walnut-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$jwjQPhUXFVIQejai3dndpQ$YWevfF4M9bbrv7FoAD04AFDSZvXfSjXC7g5s4NtINfo" }
  user "walnut-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$pRb276VJSJ3SZIf1KkpEjA$/Kq+XKTJyen1Mcvifw1bViCNhfLlkacynf43jblDC34" }
  user "walnut-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$DPh8aXTEtkonuPJrpJkpGA$zh/XWMGx8WHalKhOfJ1qYV+7/4Mat+wn2sU/uLTTfAA" }
  user "walnut-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$D7Af7pDVZn8Q0pN1vBffLg$t4jE8XR5gCISGRDTeDEnEEgyIfPpUmN6VBWTuPpQXHM" }
  user "walnut-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ItLFvz5wBrUZ3rp0aj9VQg$BfOG/Rov4yy5S7oHjuBdYC1kbPPK9F10ZK2OYm5TQl8" }
}
